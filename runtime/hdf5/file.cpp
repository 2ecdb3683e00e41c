#include "hdf5/file.hpp"

#include <algorithm>
#include <array>

namespace tim::hdf5 {
namespace {

/// What HDF5 says of the failure at hand: the innermost of its messages.
std::string reason() {
    std::string text;
    H5Ewalk2(
        H5E_DEFAULT, H5E_WALK_DOWNWARD,
        [](unsigned, const H5E_error2_t* e, void* to) -> herr_t {
            if (e->desc != nullptr) *static_cast<std::string*>(to) = e->desc;
            return 0;
        },
        &text);
    return text;
}

[[noreturn]] void fail(const std::string& what) {
    const std::string why = reason();
    throw error(why.empty() ? what : what + ": " + why);
}

void check(herr_t result, const std::string& what) {
    if (result < 0) fail(what);
}

handle space_of(std::span<const hsize_t> extents) {
    return {H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), H5Sclose,
            "a space"};
}

handle text_type() {
    handle type{H5Tcopy(H5T_C_S1), H5Tclose, "a type"};
    check(H5Tset_size(type, H5T_VARIABLE), "a type of texts");
    check(H5Tset_cset(type, H5T_CSET_UTF8), "a type of texts");
    return type;
}

/// In chunks that are compressed, where that is worth it.
handle layout_of(hid_t type, std::span<const hsize_t> extents, std::size_t row_size) {
    constexpr hsize_t worth_it = 4096;           // bytes
    constexpr hsize_t chunk_size = 1024 * 1024;  // bytes: HDF5's cache of chunks holds one
    handle layout{H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "a property list"};
    check(H5Pset_obj_track_times(layout, false), "times");  // the same record, the same bytes
    if (extents[0] * row_size < worth_it) return layout;
    std::array<hsize_t, 2> chunk{};
    std::copy(extents.begin(), extents.end(), chunk.begin());
    chunk[0] = std::min<hsize_t>(chunk[0], std::max<hsize_t>(chunk_size / row_size, 1));
    check(H5Pset_chunk(layout, static_cast<int>(extents.size()), chunk.data()), "chunks");
    if (H5Tis_variable_str(type) == 0)  // texts need it
        check(H5Pset_fill_time(layout, H5D_FILL_TIME_NEVER), "filling");
    // Columns of numbers that resemble each other: byte by byte they compress well, and fast.
    if (H5Zfilter_avail(H5Z_FILTER_DEFLATE) > 0) {
        check(H5Pset_shuffle(layout), "shuffling");
        check(H5Pset_deflate(layout, 1), "compression");
    }
    return layout;
}

/// The property of a file that it lies in memory, with the bytes of `image` at first.
handle in_memory(std::span<const std::byte> image = {}) {
    constexpr std::size_t growth = 1 << 20;
    handle access{H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "a property list"};
    check(H5Pset_fapl_core(access, growth, 0), "a file in memory");
    if (!image.empty())
        check(H5Pset_file_image(access, const_cast<std::byte*>(image.data()), image.size()),
              "a file in memory");  // HDF5 only copies it
    return access;
}

}  // namespace

handle::handle(hid_t id, closer closed_by, const std::string& what) : id_(id), close_(closed_by) {
    if (id < 0) fail(what);
}

void handle::close(const std::string& what) {
    if (close_(std::exchange(id_, -1)) < 0) fail(what);
}

output_file::output_file()
    : file_{H5Fcreate("result", H5F_ACC_TRUNC, H5P_DEFAULT, in_memory()), H5Fclose, "a file"},
      transfer_{H5Pcreate(H5P_DATASET_XFER), H5Pclose, "a property list"} {
    // Texts are converted in a buffer that is cleared for each column: by default of a MiB.
    constexpr std::size_t buffer = 1 << 14;
    check(H5Pset_buffer(transfer_, buffer, nullptr, nullptr), "a buffer");
}

void output_file::group(const std::string& path) {
    handle{H5Gcreate2(file_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose, path}
        .close(path);
}

void output_file::put_column(const std::string& path, hid_t type, const void* values,
                             std::size_t size, std::size_t count, std::size_t width) {
    const std::array<hsize_t, 2> extents{count / width, width};
    const std::span shape{extents.data(), width > 1 ? 2U : 1U};
    const handle space = space_of(shape);
    const handle layout = layout_of(type, shape, size * width);
    handle set{H5Dcreate2(file_, path.c_str(), type, space, H5P_DEFAULT, layout, H5P_DEFAULT),
               H5Dclose, path};
    if (count > 0) check(H5Dwrite(set, type, H5S_ALL, H5S_ALL, transfer_, values), path);
    set.close(path);
}

void output_file::texts(const std::string& path, const std::vector<std::string>& values) {
    std::vector<const char*> pointers;
    pointers.reserve(values.size());
    for (const std::string& text : values) pointers.push_back(text.c_str());
    const handle type = text_type();
    put_column(path, type, static_cast<const void*>(pointers.data()), sizeof(char*),
               pointers.size(), 1);
}

void output_file::put_attribute(const std::string& object, const std::string& name, hid_t type,
                                const void* value) {
    const handle space{H5Screate(H5S_SCALAR), H5Sclose, "a space"};
    handle a{H5Acreate_by_name(file_, object.c_str(), name.c_str(), type, space, H5P_DEFAULT,
                               H5P_DEFAULT, H5P_DEFAULT),
             H5Aclose, name};
    check(H5Awrite(a, type, value), name);
    a.close(name);
}

void output_file::attribute(const std::string& object, const std::string& name,
                            const std::string& text) {
    const char* const begin = text.c_str();
    put_attribute(object, name, text_type(), static_cast<const void*>(&begin));
}

std::vector<std::byte> output_file::image() {
    check(H5Fflush(file_, H5F_SCOPE_GLOBAL), "the file");
    const ssize_t size = H5Fget_file_image(file_, nullptr, 0);
    if (size < 0) fail("the file");
    std::vector<std::byte> bytes(static_cast<std::size_t>(size));
    if (H5Fget_file_image(file_, bytes.data(), bytes.size()) != size) fail("the file");
    return bytes;
}

input_file::input_file(std::span<const std::byte> image)
    : file_{H5Fopen("result", H5F_ACC_RDONLY, in_memory(image)), H5Fclose, "it is no HDF5 file"} {
    constexpr std::uint64_t best_deflate_does = 1032;
    most_bytes_ = image.size() * best_deflate_does;
}

bool input_file::has(const std::string& path) const {
    // Each group on the way must be there before the next can be asked for.
    for (std::size_t end = path.find('/', 1); end != std::string::npos;
         end = path.find('/', end + 1))
        if (H5Lexists(file_, path.substr(0, end).c_str(), H5P_DEFAULT) <= 0) return false;
    return H5Lexists(file_, path.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> input_file::groups(const std::string& path) const {
    const handle group{H5Gopen2(file_, path.c_str(), H5P_DEFAULT), H5Gclose, path};
    std::vector<std::string> names;
    hsize_t at = 0;
    check(H5Literate(
              group, H5_INDEX_NAME, H5_ITER_INC, &at,
              [](hid_t, const char* name, const H5L_info_t*, void* to) -> herr_t {
                  static_cast<std::vector<std::string>*>(to)->emplace_back(name);
                  return 0;
              },
              &names),
          path);
    std::sort(names.begin(), names.end());
    return names;
}

std::size_t input_file::count_of(const std::string& path, hid_t type, std::size_t size,
                                 std::size_t width) const {
    const handle set{H5Dopen2(file_, path.c_str(), H5P_DEFAULT), H5Dclose, path};
    const handle own{H5Dget_type(set), H5Tclose, path};
    const handle space{H5Dget_space(set), H5Sclose, path};
    const bool text = H5Tis_variable_str(type) > 0;
    if (text ? H5Tis_variable_str(own) <= 0
             : H5Tget_class(own) != H5Tget_class(type) || H5Tget_size(own) != size ||
                   (H5Tget_class(type) == H5T_INTEGER && H5Tget_sign(own) != H5Tget_sign(type)))
        throw error(path + " is of another type");
    std::array<hsize_t, 2> extents{0, 1};
    const int dimensions = width > 1 ? 2 : 1;
    if (H5Sget_simple_extent_ndims(space) != dimensions ||
        H5Sget_simple_extent_dims(space, extents.data(), nullptr) != dimensions ||
        (dimensions == 2 && extents[1] != width))
        throw error(path + " is of another shape");
    if (extents[0] > most_bytes_ / (size * width))
        throw error(path + " is larger than the file can hold");
    return extents[0] * width;
}

void input_file::get_column(const std::string& path, hid_t type, void* values) const {
    const handle set{H5Dopen2(file_, path.c_str(), H5P_DEFAULT), H5Dclose, path};
    check(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), path);
}

std::vector<std::string> input_file::texts(const std::string& path) const {
    const handle type = text_type();
    std::vector<char*> pointers(count_of(path, type, sizeof(char*), 1));
    get_column(path, type, static_cast<void*>(pointers.data()));
    std::vector<std::string> values;
    values.reserve(pointers.size());
    for (char* text : pointers) {
        values.emplace_back(text != nullptr ? text : "");
        H5free_memory(text);
    }
    return values;
}

void input_file::get_attribute(const std::string& object, const std::string& name, hid_t type,
                               void* value) const {
    const handle a{H5Aopen_by_name(file_, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
                   H5Aclose, object + " has no attribute " + name};
    const handle space{H5Aget_space(a), H5Sclose, name};
    const handle own{H5Aget_type(a), H5Tclose, name};
    if (H5Sget_simple_extent_type(space) != H5S_SCALAR || H5Tget_class(own) != H5Tget_class(type) ||
        H5Tis_variable_str(own) != H5Tis_variable_str(type))
        throw error("the attribute " + name + " of " + object + " is of another type");
    check(H5Aread(a, type, value), name);
}

std::string input_file::text_attribute(const std::string& object, const std::string& name) const {
    char* text = nullptr;
    get_attribute(object, name, text_type(), static_cast<void*>(&text));
    std::string value{text != nullptr ? text : ""};
    H5free_memory(text);
    return value;
}

}  // namespace tim::hdf5
