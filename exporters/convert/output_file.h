// What a conversion is written to, in large pieces. The file is there when it is whole and not before.
#pragma once

#include <string>
#include <string_view>

#include "exporters/file/output_file.h"

namespace llmo::convert {

class OutputFile {
 public:
  // `-` is standard output. Returns false with errno.
  bool open(const std::string& path);

  // What cannot be written is remembered; all that comes after it goes nowhere.
  void write(std::string_view bytes);
  bool failed() const { return error_ != 0; }

  // Returns false with errno where something could not be written; no file has been made then.
  bool finish();

  // A folder with room for as much as is written, for what has to be kept meanwhile.
  const std::string& directory() const { return directory_; }

 private:
  void flush();

  file::OutputFile file_;
  std::string directory_;
  std::string buffer_;
  int error_ = 0;
};

}  // namespace llmo::convert
