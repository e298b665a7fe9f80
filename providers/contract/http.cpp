#include "providers/contract/http.h"

#include <strings.h>

namespace bwgw {

std::string_view HttpReply::header(std::string_view name) const noexcept {
    for (const auto& header : headers)
        if (header.name.size() == name.size() &&
            strncasecmp(header.name.data(), name.data(), name.size()) == 0)
            return header.value;
    return {};
}

}  // namespace bwgw
