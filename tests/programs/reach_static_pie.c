// A static program that is loaded anywhere: it has a dynamic section, and still no loader.

// flags: -fpie -static-pie
#include "reach_static.c"
