// timemory.h5: a small whole one, of which the input changes numbers, texts, types and shapes, or
// takes something away, by HDF5's own means. What HDF5 does with files that are no HDF5 is its own:
// timemory-hdf5 is a process by itself because of that.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "hdf5/file.hpp"
#include "hdf5/reader.hpp"
#include "hdf5/writer.hpp"
#include "profile/merge.hpp"
#include "profile/profile.hpp"

namespace {

using namespace tim;
using hdf5::handle;

/// One rank: two nested regions, with one row each.
profile one_rank(std::uint32_t rank) {
    profile p = empty_profile();
    p.ranks = {{rank, rank}};
    p.world_size = 2;
    p.threads = 1;
    p.losses["max_paths"] = 3;
    for (const char* name : {"outer", "inner"}) {
        const auto above = static_cast<std::uint32_t>(p.paths.size() - 1);
        p.names.emplace_back(name);
        p.paths.push_back({.parent = above,
                           .name = static_cast<std::uint32_t>(p.names.size() - 1),
                           .kind = path_kind::region,
                           .hash = path_hash(p.paths[above].hash, path_kind::region, name),
                           .first_rank = rank,
                           .order = above});
    }
    const component_description both[] = {
        {.id = "cells", .label = "cells", .aliases = {"c"}, .elements = {{"a"}, {"b"}}},
        {.id = "heat", .label = "heat", .type = number::real},
    };
    for (const component_description& what : both) {
        component_columns c{.what = what, .path = {1, 2}, .laps = {1, 2}, .fields = {}};
        const int128 value = what.type == number::real ? raw_of(1.5) : int128{1} << 70;
        const field_columns f{.value = {value, value}, .laps = {{}, {}}, .ranks = {{}, {}}};
        c.fields.assign(what.fields(), f);
        p.components.push_back(std::move(c));
    }
    return p;
}

std::vector<std::byte> whole_file() {
    record r;
    r.measured.mpi = true;
    r.measured.collapsed_ranks = false;
    r.run.metadata = "{}";
    r.run.settings = {{"precision", "6", "default"}};
    for (const std::uint32_t rank : {0U, 1U})
        r.measured.profiles.push_back(seal(one_rank(rank), rank, 2));
    hdf5::output_file file;
    hdf5::write(file, r);
    return file.image();
}

handle opened(const std::vector<std::byte>& image, unsigned how) {
    const handle access{H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "access"};
    H5Pset_fapl_core(access, 4096, 0);
    H5Pset_file_image(access, const_cast<std::byte*>(image.data()), image.size());
    return {H5Fopen("whole", how, access), H5Fclose, "the whole file"};
}

/// A dataset, or an attribute where it has a name.
struct place {
    std::string object;
    std::string attribute;
};

herr_t add_attribute(hid_t, const char* name, const H5A_info_t*, void* to) {
    auto& places = *static_cast<std::vector<place>*>(to);
    places.push_back({places.back().object, name});
    return 0;
}

herr_t add_object(hid_t file, const char* name, const H5O_info_t*, void* to) {
    auto& places = *static_cast<std::vector<place>*>(to);
    places.push_back({name, ""});
    const handle object{H5Oopen(file, name, H5P_DEFAULT), H5Oclose, name};
    hsize_t at = 0;
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &at, add_attribute, to);
    return 0;
}

std::vector<place> places_in(const std::vector<std::byte>& image) {
    std::vector<place> places;
    const handle file = opened(image, H5F_ACC_RDONLY);
    H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, add_object, &places);
    return places;
}

/// What the input says about one place.
struct change {
    std::uint8_t where;
    std::uint8_t what;
    std::uint8_t count;
    std::uint8_t type;
    std::uint8_t value[12];
};

handle type_of(std::uint8_t number) {
    const hid_t all[] = {H5T_NATIVE_UINT8, H5T_NATIVE_UINT32, H5T_NATIVE_INT32, H5T_NATIVE_UINT64,
                         H5T_NATIVE_INT64, H5T_NATIVE_DOUBLE, H5T_C_S1,         H5T_C_S1};
    handle type{H5Tcopy(all[number % 8]), H5Tclose, "a type"};
    if (number % 8 == 7) H5Tset_size(type, H5T_VARIABLE);
    return type;
}

/// `count` values of the type, made of the bytes of the change.
struct values {
    values(hid_t type, std::size_t count, const change& c)
        : text{reinterpret_cast<const char*>(c.value),
               strnlen(reinterpret_cast<const char*>(c.value), sizeof c.value)},
          bytes(std::max<std::size_t>(count, 1) * std::max(H5Tget_size(type), sizeof(char*))) {
        const char* pointer = text.c_str();
        const bool is_text = H5Tis_variable_str(type) > 0;
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = is_text ? reinterpret_cast<const std::uint8_t*>(&pointer)[i % sizeof pointer]
                               : c.value[i % sizeof c.value];
    }
    std::string text;
    std::vector<std::uint8_t> bytes;
};

void overwrite(hid_t file, const place& at, const change& c) {
    if (!at.attribute.empty()) {
        const handle a{H5Aopen_by_name(file, at.object.c_str(), at.attribute.c_str(), H5P_DEFAULT,
                                       H5P_DEFAULT),
                       H5Aclose, "an attribute"};
        const handle type{H5Aget_type(a), H5Tclose, "its type"};
        const handle space{H5Aget_space(a), H5Sclose, "its space"};
        const auto count = static_cast<std::size_t>(H5Sget_simple_extent_npoints(space));
        H5Awrite(a, type, values{type, count, c}.bytes.data());
        return;
    }
    const handle set{H5Dopen2(file, at.object.c_str(), H5P_DEFAULT), H5Dclose, "a dataset"};
    const handle type{H5Dget_type(set), H5Tclose, "its type"};
    const handle space{H5Dget_space(set), H5Sclose, "its space"};
    const auto count = static_cast<hsize_t>(H5Sget_simple_extent_npoints(space));
    if (H5Sget_simple_extent_ndims(space) != 1 || count == 0) {
        H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values{type, count, c}.bytes.data());
        return;
    }
    const hsize_t begin = c.count % count;
    const hsize_t one = 1;
    H5Sselect_hyperslab(space, H5S_SELECT_SET, &begin, nullptr, &one, nullptr);
    const handle single{H5Screate_simple(1, &one, nullptr), H5Sclose, "a space"};
    H5Dwrite(set, type, single, space, H5P_DEFAULT, values{type, 1, c}.bytes.data());
}

void remove(hid_t file, const place& at) {
    if (at.attribute.empty())
        H5Ldelete(file, at.object.c_str(), H5P_DEFAULT);
    else
        H5Adelete_by_name(file, at.object.c_str(), at.attribute.c_str(), H5P_DEFAULT);
}

/// Another type and another shape.
void replace(hid_t file, const place& at, const change& c) {
    remove(file, at);
    const handle type = type_of(c.type);
    const hsize_t extents[] = {c.count % 5U, c.count / 5U % 4U};
    const int dimensions = c.count / 20U % 3U;
    const handle space{H5Screate_simple(dimensions, extents, nullptr), H5Sclose, "a space"};
    const auto count = static_cast<std::size_t>(H5Sget_simple_extent_npoints(space));
    const values v{type, count, c};
    if (at.attribute.empty()) {
        const handle set{
            H5Dcreate2(file, at.object.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
            H5Dclose, "a dataset"};
        H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, v.bytes.data());
    } else {
        const handle a{H5Acreate_by_name(file, at.object.c_str(), at.attribute.c_str(), type, space,
                                         H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                       H5Aclose, "an attribute"};
        H5Awrite(a, type, v.bytes.data());
    }
}

std::vector<std::byte> changed(const std::vector<std::byte>& whole,
                               const std::vector<place>& places, const std::uint8_t* bytes,
                               std::size_t size) {
    const handle file = opened(whole, H5F_ACC_RDWR);
    constexpr std::size_t most = 8;
    for (std::size_t i = 0; i < most && (i + 1) * sizeof(change) <= size; ++i) {
        change c{};
        std::memcpy(&c, bytes + i * sizeof c, sizeof c);
        const place& at = places[c.where % places.size()];
        try {
            if (c.what % 8 == 0)
                remove(file, at);
            else if (c.what % 8 < 4)
                replace(file, at, c);
            else
                overwrite(file, at, c);
        } catch (const hdf5::error&) {  // a change before took it away, or it is a group
        }
    }
    H5Fflush(file, H5F_SCOPE_GLOBAL);
    std::vector<std::byte> image(static_cast<std::size_t>(H5Fget_file_image(file, nullptr, 0)));
    H5Fget_file_image(file, image.data(), image.size());
    return image;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const bool quiet = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
    static const std::vector<std::byte> whole = whole_file();
    static const std::vector<place> places = places_in(whole);
    if (!quiet || places.size() < 2) std::abort();
    const std::vector<std::byte> image = changed(whole, places, bytes, size);
    try {
        const record r = hdf5::read(hdf5::input_file{image});
        // The command does so with what it is handed.
        for (const profile& p : r.measured.profiles) (void)deserialise(serialise(p));
    } catch (const hdf5::error&) {
    } catch (const malformed_profile&) {
    }
    return 0;
}
