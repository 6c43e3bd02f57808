// A program whose addresses are all found when it starts, and are read-only from then on.

// flags: -Wl,-z,now -Wl,-z,relro
// link: -lcurl
#include "reach_fetch.h"
