#include <algorithm>

#include "providers/contract/provider.h"

namespace bwgw {

bool ProductProfile::can(Action action) const noexcept {
    return std::find(actions.begin(), actions.end(), action) != actions.end();
}

const ProductProfile* Profile::product_for(Kind kind) const noexcept {
    const auto found =
        std::find_if(products.begin(), products.end(), [&](const auto& p) { return p.kind == kind; });
    return found == products.end() ? nullptr : &*found;
}

const ProductProfile* Profile::product(std::string_view product) const noexcept {
    const auto found =
        std::find_if(products.begin(), products.end(), [&](const auto& p) { return p.product == product; });
    return found == products.end() ? nullptr : &*found;
}

bool Profile::can(Action action) const noexcept {
    return std::any_of(products.begin(), products.end(), [&](const auto& p) { return p.can(action); });
}

}  // namespace bwgw
