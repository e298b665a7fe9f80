#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>

namespace bwgw::api {

/// openapi/gateway.yaml as it was at build time, byte for byte.
std::string_view openapi_yaml() noexcept;

/// YAML as JSON, by the core schema of YAML 1.2: only plain scalars can be null, boolean or number. Throws
/// std::runtime_error for what JSON cannot say: a repeated key, an infinity, a broken document.
rapidjson::Document yaml_to_json(std::string_view yaml);

}  // namespace bwgw::api
