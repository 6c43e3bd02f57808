// A program that calls through its global offset table, with no procedure linkage table in between.

// flags: -fno-plt -Wl,-z,now
// link: -lcurl
#include "reach_fetch.h"
