#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/api/schema.h"
#include "gateway/http/message.h"
#include "providers/contract/result.h"

namespace bwgw::api {

enum class Place : std::uint8_t { path, query, header };

struct Parameter {
    std::string name;
    Place place = Place::query;
    bool required = false;
    Schema schema;
};

struct RequestBody {
    bool required = false;
    std::vector<std::string> media_types;
    Schema schema;  ///< the same for every media type
};

/// One operation of the OpenAPI document, as far as requests are concerned.
struct Endpoint {
    std::string operation_id;
    std::string method;
    std::vector<Parameter> parameters;
    std::optional<RequestBody> body;
    std::vector<std::string> produces;  ///< media types of its 2xx answers
};

/// A request that keeps the contract, typed by it.
struct Call {
    /// By parameter name, which is the contract's; defaults filled in.
    std::vector<std::pair<std::string_view, std::string>> arguments;
    std::optional<rapidjson::Document> body;  ///< there wherever the contract requires it

    std::optional<std::string> text(std::string_view name) const;
    std::int64_t integer(std::string_view name) const;  ///< of a parameter that the contract calls an integer
    bool flag(std::string_view name) const;             ///< true if it is there and true
};

/// The OpenAPI document, alive: what it says is what is checked before a handler runs. Immutable, one for all
/// workers.
class Contract {
public:
    /// Throws std::runtime_error naming what in the document cannot be kept.
    explicit Contract(std::string_view yaml);

    std::string_view yaml() const noexcept { return yaml_; }
    std::string_view json() const noexcept { return json_; }
    std::vector<std::string> operation_ids() const;

    struct Match {
        const Endpoint* endpoint = nullptr;  ///< null: the path has no such method
        std::string_view allow;              ///< the path's methods; empty: no such path
        std::vector<std::pair<std::string_view, std::string>> path_arguments;
    };
    /// HEAD finds GET.
    Match match(std::string_view method, std::string_view raw_path) const;

    /// Checks the matched request: Accept, query, headers, media type, body. All mistakes of the parameters
    /// and the body are in one failure.
    Result<Call> read(Match match, const http::Request& request) const;

    /// Where the operation lives, its path parameters in order: the only source of links.
    std::string path_of(std::string_view operation_id, const std::vector<std::string>& arguments = {}) const;

private:
    struct Segment {
        std::string prefix;     ///< all of it where there is no parameter
        std::string parameter;  ///< empty: a literal
        std::string suffix;
    };
    struct Path {
        std::vector<Segment> segments;
        std::map<std::string, Endpoint, std::less<>> endpoints;  ///< by method
        std::string allow;
    };
    class Loader;

    bool fits(const Path& path, std::span<const std::string_view> segments, Match& match) const;

    std::string yaml_;
    std::string json_;
    std::vector<Path> paths_;  ///< literal ones first, so that they win
};

}  // namespace bwgw::api
