// A generator in a program that has no symbols but those that the loader needs.
// link: -s -rdynamic
#include "coroutine_generator.cpp"
