// HDF5's C interface as far as results need it: groups, columns of numbers and texts, attributes.
//
// Every identifier is closed with its scope: one that is left open makes HDF5 flush at exit what
// could not be written.

#pragma once

#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tim::hdf5 {

/// The message says what could not be done, and why as HDF5 has it.
struct error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// An identifier. Throws error with `what` if it is none.
class handle {
public:
    using closer = herr_t (*)(hid_t);
    handle(hid_t id, closer closed_by, const std::string& what);
    ~handle() {
        if (id_ >= 0) close_(id_);
    }
    handle(handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
    handle& operator=(handle&&) = delete;
    operator hid_t() const noexcept { return id_; }
    /// Closes it now. Throws error with `what` if that fails.
    void close(const std::string& what);

private:
    hid_t id_;
    closer close_;
};

/// HDF5's type of a number in memory.
template <class T>
hid_t type_of();

/// A file in memory.
class output_file {
public:
    output_file();

    void group(const std::string& path);
    /// `width` numbers a row: 1 makes a dataset of one dimension, more one of two.
    template <class T>
    void column(const std::string& path, std::span<const T> values, std::size_t width = 1) {
        put_column(path, type_of<T>(), values.data(), sizeof(T), values.size(), width);
    }
    void texts(const std::string& path, const std::vector<std::string>& values);
    template <class T>
    void attribute(const std::string& object, const std::string& name, T value) {
        put_attribute(object, name, type_of<T>(), &value);
    }
    void attribute(const std::string& object, const std::string& name, const std::string& text);
    /// The bytes of the file so far.
    [[nodiscard]] std::vector<std::byte> image();

private:
    void put_column(const std::string& path, hid_t type, const void* values, std::size_t size,
                    std::size_t count, std::size_t width);
    void put_attribute(const std::string& object, const std::string& name, hid_t type,
                       const void* value);

    handle file_;
    handle transfer_;
};

/// Reads what output_file writes, and trusts nothing: what is of another type or shape, or larger
/// than so many bytes can be, throws error.
class input_file {
public:
    /// Of the bytes of a file, which are copied.
    explicit input_file(std::span<const std::byte> image);

    [[nodiscard]] bool has(const std::string& path) const;
    /// The names of the groups in a group, ascending.
    [[nodiscard]] std::vector<std::string> groups(const std::string& path) const;
    template <class T>
    [[nodiscard]] std::vector<T> column(const std::string& path, std::size_t width = 1) const {
        std::vector<T> values(count_of(path, type_of<T>(), sizeof(T), width));
        get_column(path, type_of<T>(), values.data());
        return values;
    }
    [[nodiscard]] std::vector<std::string> texts(const std::string& path) const;
    template <class T>
    [[nodiscard]] T attribute(const std::string& object, const std::string& name) const {
        T value{};
        get_attribute(object, name, type_of<T>(), &value);
        return value;
    }
    [[nodiscard]] std::string text_attribute(const std::string& object,
                                             const std::string& name) const;

private:
    [[nodiscard]] std::size_t count_of(const std::string& path, hid_t type, std::size_t size,
                                       std::size_t width) const;
    void get_column(const std::string& path, hid_t type, void* values) const;
    void get_attribute(const std::string& object, const std::string& name, hid_t type,
                       void* value) const;

    handle file_;
    std::uint64_t most_bytes_;  ///< that the file can hold, uncompressed
};

template <>
inline hid_t type_of<std::uint8_t>() {
    return H5T_NATIVE_UINT8;
}
template <>
inline hid_t type_of<std::uint32_t>() {
    return H5T_NATIVE_UINT32;
}
template <>
inline hid_t type_of<std::int32_t>() {
    return H5T_NATIVE_INT32;
}
template <>
inline hid_t type_of<std::uint64_t>() {
    return H5T_NATIVE_UINT64;
}
template <>
inline hid_t type_of<std::int64_t>() {
    return H5T_NATIVE_INT64;
}
template <>
inline hid_t type_of<double>() {
    return H5T_NATIVE_DOUBLE;
}

}  // namespace tim::hdf5
