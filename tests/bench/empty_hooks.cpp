// The floor: hooks that do nothing. What a call costs here is the price of having hooks at all, and what
// every other figure is divided by.
extern "C" {

[[gnu::visibility("default")]] void __cyg_profile_func_enter(void* /*function*/, void* /*call_site*/) {}
[[gnu::visibility("default")]] void __cyg_profile_func_exit(void* /*function*/, void* /*call_site*/) {}
}
