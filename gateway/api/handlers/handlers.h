#pragma once

#include "gateway/api/api.h"

namespace bwgw::api {

// One handler per operationId; openapi/gateway.yaml says what each does. The call has kept the contract.
#define BWGW_HANDLER(name) \
    Task<http::Response> name(const Environment& environment, const RequestContext& context, Call call)
BWGW_HANDLER(list_bandwidths);
BWGW_HANDLER(create_bandwidth);
BWGW_HANDLER(get_bandwidth);
BWGW_HANDLER(change_bandwidth);
BWGW_HANDLER(release_bandwidth);
BWGW_HANDLER(create_quotes);
BWGW_HANDLER(list_operations);
BWGW_HANDLER(get_operation);
BWGW_HANDLER(resolve_operation);
BWGW_HANDLER(list_providers);
BWGW_HANDLER(get_provider);
BWGW_HANDLER(list_regions);
BWGW_HANDLER(get_health);
BWGW_HANDLER(get_readiness);
BWGW_HANDLER(get_metrics);
BWGW_HANDLER(get_bandwidth_metrics);
BWGW_HANDLER(get_openapi_json);
BWGW_HANDLER(get_openapi_yaml);
#undef BWGW_HANDLER

}  // namespace bwgw::api
