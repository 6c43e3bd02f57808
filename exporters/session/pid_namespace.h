// Processes whose pids count in another namespace than ours: containers, sandboxes, unshare(1).
#pragma once

#include <cstdint>

#include "exporters/session/process_watch.h"

namespace llmo::session {

// Watches the process that has `pid` in the namespace of that inode (namespaces(7); 0: ours) and began at
// `start`. One in a namespace below ours has a pid here as well; one that cannot be found counts as gone.
ProcessWatch watch_process(std::uint32_t pid, std::uint64_t start, std::uint64_t pid_namespace);

}  // namespace llmo::session
