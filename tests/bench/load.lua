-- Asks for the paths of a file in turn, and ends with a line of JSON. BENCH_PAUSE: milliseconds between two requests of
-- a connection.
local requests, at = {}, 0

function init(args)
    for path in io.lines(args[1]) do requests[#requests + 1] = wrk.format("GET", path) end
end

function request()
    at = at % #requests + 1
    return requests[at]
end

local pause = tonumber(os.getenv("BENCH_PAUSE") or "0")
if pause > 0 then
    function delay() return pause end
end

function done(summary, latency)
    local errors = summary.errors
    print(string.format('{"requests":%d,"seconds":%.6f,"failed":%d,"p50_ms":%.3f,"p99_ms":%.3f}', summary.requests,
        summary.duration / 1e6, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
