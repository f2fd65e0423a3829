#pragma once

#include <string_view>

namespace cdclake::lake {

/// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { close_now(); }

  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  int release();
  /// The error of `close`, or 0. The descriptor is gone either way.
  int close_now();

 private:
  int number_ = -1;
};

/// A folder, or the `errno` that says why there is none.
struct OpenedFolder {
  Descriptor folder;
  int error = 0;
};

/// Opens a folder below `root`, segment by segment, and follows no symbolic link: ELOOP where there
/// is one. An empty path is the root itself.
OpenedFolder open_beneath(int root, std::string_view relative);
/// Opens one folder inside `parent`.
OpenedFolder open_folder_in(int parent, const char* name);

/// Whether the path consists of proper segments only: none is empty, `.` or `..`, none holds a NUL.
bool stays_beneath(std::string_view relative);

}  // namespace cdclake::lake
