#include <gtest/gtest.h>

#include <string>

#include "output/writers.hpp"
#include "sample_profile.hpp"

namespace tim {
namespace {

using sample::builder;

result nested() {
    builder b;
    const auto main = b.path(0, "main");
    b.row(sample::wall(), main, {3'000'000'000});
    b.row(sample::wall(), b.path(main, "a<b> & \"c\"\n"), {500'000'000, 1'000'000'000});
    b.ratio_row(sample::cpu_util(), main, {{1, 2}});
    return sample::serial(b.build());
}

std::string tags(const result& r, const settings& s, const char* id = "wall_clock") {
    return sample::text_of(write_dart, r, id, s);
}

TEST(dart, first_total_under_the_label) {
    EXPECT_EQ(
        tags(nested(), {}),
        "<DartMeasurement type=\"numeric/double\" name=\"wall//sec\">3.0</DartMeasurement>\n");
    EXPECT_EQ(
        tags(nested(), {}, "cpu_util"),
        "<DartMeasurement type=\"numeric/double\" name=\"cpu_util\">50.0</DartMeasurement>\n");
}

TEST(dart, paths_are_separated_and_escaped) {
    settings s;
    s.dart_label = false;
    s.dart_count = 0;
    EXPECT_EQ(tags(nested(), s),
              "<DartMeasurement type=\"numeric/double\" name=\"WALL//main//sec\">3.0"
              "</DartMeasurement>\n"
              "<DartMeasurement type=\"numeric/double\" "
              "name=\"WALL//main/a&lt;b&gt; &amp; &quot;c&quot;\\n//sec\">1.5</DartMeasurement>\n");
}

TEST(dart, count_and_type_limit_it) {
    settings s;
    s.dart_count = 2;
    const std::string two = tags(nested(), s);
    EXPECT_EQ(std::count(two.begin(), two.end(), '\n'), 2);
    s.dart_type = "WALL";
    EXPECT_EQ(tags(nested(), s), two);
    s.dart_type = "peak_rss";
    EXPECT_EQ(tags(nested(), s), "");
}

}  // namespace
}  // namespace tim
