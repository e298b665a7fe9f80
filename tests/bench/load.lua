-- Asks for the paths of a file in turn, and ends with a line of JSON. BENCH_PAUSE: milliseconds between two requests of
-- a connection. BENCH_SPREAD: milliseconds within which BENCH_CONNECTIONS ask first, one after the other.
local requests, at = {}, 0

function init(args)
    for path in io.lines(args[1]) do requests[#requests + 1] = wrk.format("GET", path) end
end

function request()
    at = at % #requests + 1
    return requests[at]
end

local pause, spread, connections, begun =
    tonumber(os.getenv("BENCH_PAUSE")), tonumber(os.getenv("BENCH_SPREAD")), tonumber(os.getenv("BENCH_CONNECTIONS")), 0
if spread > 0 then
    function delay()
        if begun == connections then return pause end
        begun = begun + 1
        return math.floor(begun * spread / connections)
    end
end

function done(summary, latency)
    local errors = summary.errors
    print(string.format('{"requests":%d,"seconds":%.6f,"failed":%d,"p50_ms":%.3f,"p99_ms":%.3f}', summary.requests,
        summary.duration / 1e6, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
