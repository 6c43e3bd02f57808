// A program that is loaded at the address it was linked for: its pointers to libcurl's functions are
// addresses in its own procedure linkage table.

// flags: -fno-pie -no-pie
// link: -lcurl
#include "reach_fetch.h"
