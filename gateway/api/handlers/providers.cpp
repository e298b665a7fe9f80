#include "gateway/api/handlers/answers.h"
#include "gateway/api/handlers/handlers.h"
#include "gateway/api/object.h"
#include "gateway/api/views.h"

namespace bwgw::api {
namespace {

std::string one(const fleet::Fleet& fleet, const Profile& profile) {
    const auto* all = fleet.guards();
    const auto* guards = all ? all->of(profile.name) : nullptr;
    return provider_json(profile, fleet.health().of(profile.name),
                         guards ? guards->read() : std::vector<fleet::GuardReading>{});
}

}  // namespace

Task<http::Response> list_providers(const Environment& environment, const RequestContext&, Call) {
    std::vector<std::string> items;
    for (const auto* profile : environment.fleet.profiles())
        items.push_back(one(environment.fleet, *profile));
    co_return json_answer(Object().json("items", array_of(items)).end());
}

Task<http::Response> get_provider(const Environment& environment, const RequestContext&, Call call) {
    const auto* profile = environment.fleet.profile(call.text("name").value_or(""));
    if (!profile) co_return Failure{.slug = Slug::not_found, .detail = "No provider has this name."};
    co_return json_answer(one(environment.fleet, *profile));
}

Task<http::Response> list_regions(const Environment& environment, const RequestContext& context, Call) {
    auto learned = co_await environment.fleet.regions(context);
    if (!learned) co_return std::move(learned).failure();
    co_return json_answer(regions_json(learned->crosswalk.rows()));
}

}  // namespace bwgw::api
