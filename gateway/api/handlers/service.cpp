#include "gateway/api/handlers/answers.h"
#include "gateway/api/handlers/handlers.h"
#include "gateway/api/object.h"

namespace bwgw::api {
namespace {

constexpr auto kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";

http::Response text_answer(std::string content_type, std::string body) {
    http::Response response;
    response.set("Content-Type", std::move(content_type));
    response.body = std::move(body);
    return response;
}

}  // namespace

Task<http::Response> get_health(const Environment&, const RequestContext&, Call) {
    co_return json_answer(Object().text("status", "ok").end());
}

Task<http::Response> get_readiness(const Environment& environment, const RequestContext&, Call) {
    if (environment.draining())
        co_return Failure{.slug = Slug::unavailable, .detail = "The gateway is draining.", .retryable = true};
    if (auto ready = environment.orders.ready(); !ready) co_return std::move(ready).failure();
    co_return json_answer(Object().text("status", "ready").end());
}

Task<http::Response> get_metrics(const Environment& environment, const RequestContext&, Call) {
    auto text = co_await environment.metrics();
    if (!text) co_return std::move(text).failure();
    co_return text_answer(kPrometheusText, std::move(*text));
}

Task<http::Response> get_bandwidth_metrics(const Environment& environment, const RequestContext&, Call) {
    auto text = co_await environment.owned_metrics();
    if (!text) co_return std::move(text).failure();
    co_return text_answer(kPrometheusText, std::move(*text));
}

Task<http::Response> get_openapi_json(const Environment& environment, const RequestContext&, Call) {
    co_return json_answer(std::string(environment.contract.json()));
}

Task<http::Response> get_openapi_yaml(const Environment& environment, const RequestContext&, Call) {
    co_return text_answer("application/yaml", std::string(environment.contract.yaml()));
}

}  // namespace bwgw::api
