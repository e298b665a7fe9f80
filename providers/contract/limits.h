#pragma once

#include <cstdint>

namespace bwgw {

/// How hard one account may be asked: what its vendor is known to bear, or a careful guess where it says
/// nothing. A family's data; an account's settings override it.
struct CallLimits {
    std::int64_t reads_per_second = 5;
    std::int64_t writes_per_second = 1;
    std::int64_t burst = 5;  ///< so many at once after a quiet time, of reads and of writes
    std::int64_t concurrent_reads = 8;
    std::int64_t concurrent_writes = 1;
    std::int64_t queue = 64;  ///< so many wait for a place, of reads and of writes; one more is refused
};

}  // namespace bwgw
