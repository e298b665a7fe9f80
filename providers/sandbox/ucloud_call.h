#pragma once

#include <set>
#include <string>
#include <string_view>

#include "providers/sandbox/wire.h"

namespace bwgw::sandbox::ucloud {

/// The parameters of one call, whatever the encoding: query string, form or JSON. A name in both query and
/// body counts once, and the body's value is taken.
struct Call {
    Parameters values;                   // arrays flattened: X.0, X.1, Networks.0.Region
    Parameters signed_values;            // as the signature sees them: a JSON array is one name
    std::set<std::string> json_numbers;  // names whose value came as a JSON number
    bool readable = true;                // false: the JSON body does not parse or nests too deeply

    [[nodiscard]] std::string_view value(std::string_view name) const;
};

Call read_call(const Request& request);

/// SHA-1 over the sorted names and values, then the private key, without `Signature`; 40 lower-case hex
/// digits.
std::string signature(const Parameters& signed_values, std::string_view private_key);

}  // namespace bwgw::sandbox::ucloud
