#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/api/api.h"

namespace bwgw::api {

/// What an answer is read from, and how much of it can be relied on.
struct View {
    std::shared_ptr<const inventory::Snapshot> snapshot;
    std::vector<fleet::Source> sources;
    inventory::Moment at;  ///< by this clock the sources are as fresh as they say
    bool live = false;     ///< the fresh ones were asked then
    bool pinned = false;   ///< the snapshot is an earlier page's
    bool keeps = true;     ///< a later page from the same snapshot says the same of the sources

    /// A tag for all that the sources hold and say, but not for when they said it.
    std::string etag() const;
    /// Of the oldest source that was read.
    std::optional<std::chrono::seconds> age() const;
};

/// As the inventory counts it.
inventory::Moment this_moment();

/// The inventory as it is.
View view_of(const Environment& environment, const fleet::Filter& filter);
/// The inventory as an earlier page saw it, which says of the sources what that one said.
View view_of(const Environment& environment, const fleet::Filter& filter,
             std::shared_ptr<const inventory::Snapshot> earlier, inventory::Moment at, bool live);
/// The inventory, no older than the caller wants: 0 asks the providers themselves, side by side; for more, a
/// refresh is waited for; where any will do, for a second at most, for what was never read. At the deadline
/// it is what is there, and says so.
Task<View> view_within(const Environment& environment, const RequestContext& context, fleet::Filter filter,
                       std::optional<std::chrono::seconds> max_age);

/// Now less then, in whole seconds; never negative.
std::chrono::seconds age_of(inventory::Moment then);

}  // namespace bwgw::api
