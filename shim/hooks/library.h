// What the parts of the library do when it is loaded.
#pragma once

namespace llmo::hooks {

// Finds out whether another library with __cyg_profile hooks stands behind us; from then on it is called too.
void chain_cyg_profile_hooks();

}  // namespace llmo::hooks
