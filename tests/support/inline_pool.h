#pragma once

#include <functional>

#include "gateway/loop/blocking.h"

namespace bwgw::test {

/// The work is done at once, where it is asked for.
class InlinePool final : public loop::Pool {
public:
    bool submit(std::function<void()> job) override {
        job();
        return true;
    }
};

}  // namespace bwgw::test
