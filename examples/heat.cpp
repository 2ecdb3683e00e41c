// The heat equation in two dimensions, with MPI ranks and two threads on each, measured by
// timemory.
//
//     mpirun -n 4 heat [steps]     then look at timemory-heat-output/wall.txt
//
// A square plate with cold edges, warm as sin(pi x) sin(pi y) at the start, cools down. The rows of
// the plate are shared out over the ranks, and a rank's rows over its two threads. In each step the
// ranks exchange their outermost rows with their neighbours. For this start the answer of the
// scheme is known, not only that of the equation: each step multiplies every temperature by the
// same factor. So the program checks itself.

#include <mpi.h>

#include <algorithm>
#include <barrier>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>
#include <thread>
#include <utility>
#include <vector>

#include <timemory/timemory.hpp>

namespace {

constexpr int points = 511;        // temperatures inside the plate, in each direction
constexpr double share = 0.2;      // dt / h^2: how much heat a neighbour gives in a step
constexpr int check_every = 50;    // steps between two residuals
constexpr int width = points + 2;  // with the edges

/// The rows of one rank: `rows` of its own, and one above and one below that it gets from others.
struct plate {
    int first = 0;  // its first row in the whole plate, counted from 1
    int rows = 0;
    std::vector<double> now, next;
    double* row(std::vector<double>& field, int r) { return field.data() + r * width; }
};

plate cut(int rank, int ranks) {
    plate p;
    p.rows = points / ranks + (rank < points % ranks ? 1 : 0);
    p.first = 1 + rank * (points / ranks) + std::min(rank, points % ranks);
    p.now.assign(static_cast<std::size_t>((p.rows + 2) * width), 0.0);
    p.next = p.now;
    const double h = std::numbers::pi / (points + 1);
    for (int r = 0; r < p.rows + 2; ++r)
        for (int x = 1; x <= points; ++x)
            p.row(p.now, r)[x] = std::sin(h * (p.first + r - 1)) * std::sin(h * x);
    return p;
}

/// Gives the outermost rows to the neighbours and takes theirs. Returns how many rows came.
int exchange(plate& p, int rank, int ranks) {
    TIMEMORY_MARKER("exchange");
    const int above = rank > 0 ? rank - 1 : MPI_PROC_NULL;
    const int below = rank + 1 < ranks ? rank + 1 : MPI_PROC_NULL;
    MPI_Sendrecv(p.row(p.now, 1), width, MPI_DOUBLE, above, 0, p.row(p.now, p.rows + 1), width,
                 MPI_DOUBLE, below, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Sendrecv(p.row(p.now, p.rows), width, MPI_DOUBLE, below, 1, p.row(p.now, 0), width,
                 MPI_DOUBLE, above, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    return (above != MPI_PROC_NULL) + (below != MPI_PROC_NULL);
}

/// One step for the rows from `begin` to before `end`.
void update(plate& p, int begin, int end) {
    TIMEMORY_MARKER("update");
    for (int r = begin; r < end; ++r) {
        const double* north = p.row(p.now, r - 1);
        const double* here = p.row(p.now, r);
        const double* south = p.row(p.now, r + 1);
        double* after = p.row(p.next, r);
        for (int x = 1; x <= points; ++x)
            after[x] =
                here[x] + share * (north[x] + south[x] + here[x - 1] + here[x + 1] - 4 * here[x]);
    }
}

/// Waits until the other thread of this rank is here too.
void meet(std::barrier<>& threads) {
    TIMEMORY_MARKER("meet");
    threads.arrive_and_wait();
}

/// The greatest change of the last step on any rank.
double residual(plate& p) {
    TIMEMORY_MARKER("residual");
    double mine = 0;
    for (int r = 1; r <= p.rows; ++r)
        for (int x = 1; x <= points; ++x)
            mine = std::max(mine, std::abs(p.row(p.now, r)[x] - p.row(p.next, r)[x]));
    double greatest = 0;
    MPI_Allreduce(&mine, &greatest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return greatest;
}

}  // namespace

int main(int argc, char** argv) {
    int level = 0;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
    timemory_init(argc, argv);
    int rank = 0;
    int ranks = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    const int steps = argc > 1 ? std::atoi(argv[1]) : 4000;
    if (steps < 1 || ranks > points) {
        if (rank == 0) std::fprintf(stderr, "usage: heat [steps], on at most %d ranks\n", points);
        MPI_Finalize();
        return 2;
    }

    plate p = cut(rank, ranks);
    const int middle = 1 + p.rows / 2;
    int exchanges = 0;
    double last_residual = 0;
    double seconds = 0;
    {
        TIMEMORY_MARKER("heat");
        const double start = MPI_Wtime();
        // The second thread updates the lower half; both meet before and after each update.
        std::barrier threads(2);
        std::thread helper([&] {
            for (int step = 0; step < steps; ++step) {
                meet(threads);
                update(p, middle, p.rows + 1);
                meet(threads);
            }
        });
        for (int step = 1; step <= steps; ++step) {
            TIMEMORY_MARKER("step");
            exchanges += exchange(p, rank, ranks);
            meet(threads);
            update(p, 1, middle);
            meet(threads);
            if (step % check_every == 0 || step == steps) last_residual = residual(p);
            std::swap(p.now, p.next);
        }
        helper.join();
        seconds = MPI_Wtime() - start;
    }

    // What the scheme must give: the factor of one step, from the second difference of a sine.
    const double factor = 1 - 4 * share * (1 - std::cos(std::numbers::pi / (points + 1)));
    const double expected = std::pow(factor, steps);
    const int centre_row = (points + 1) / 2;
    double centre = 0;
    if (centre_row >= p.first && centre_row < p.first + p.rows)
        centre = p.row(p.now, centre_row - p.first + 1)[centre_row];
    double centre_of_all = 0;
    int exchanges_of_all = 0;
    MPI_Reduce(&centre, &centre_of_all, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
    MPI_Reduce(&exchanges, &exchanges_of_all, 1, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);

    int failed = 0;
    if (rank == 0) {
        std::printf("heat: %d steps on %d ranks, %d rows exchanged, %.3f s\n", steps, ranks,
                    exchanges_of_all, seconds);
        std::printf("temperature of the centre %.12f, expected %.12f; last change %.6e\n",
                    centre_of_all, expected, last_residual);
        failed = std::abs(centre_of_all - expected) > 1e-9 ||
                 exchanges_of_all != 2 * (ranks - 1) * steps;
        std::printf("%s\n", failed ? "WRONG" : "as it must be");
    }
    timemory_finalize();
    MPI_Finalize();
    return failed;
}
