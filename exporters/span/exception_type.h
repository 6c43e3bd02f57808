// The name of an exception's type as people write it.
#pragma once

#include <string>
#include <string_view>

namespace llmo {

// `mangled` is what std::type_info::name() has (Itanium C++ ABI, 2.9.4): `St13runtime_error` becomes
// `std::runtime_error`. Anything else, a name of another language, comes back as it is. Takes little time
// whatever the bytes are; of a name that would take much, template arguments are left out.
std::string exception_type_name(std::string_view mangled);

}  // namespace llmo
