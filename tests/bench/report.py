"""results.json as a report for people: the table of goals, all that was measured, and two plots."""

import datetime
import os
import platform

from measures import DELAY_MS, Spread, ratios

ROW = 24  # pixels
WIDTH = 640


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(": ")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release()}"


def bars(file, title, unit, rows):
    """Medians with their ranges, and a mark where each goal is. rows: (label, Spread, goal or None)."""
    most = max(max(spread.most, goal or 0) for _, spread, goal in rows) * 1.05
    left, height = 230, ROW * len(rows) + 60

    def x(value):
        return left + (WIDTH - left - 20) * value / most
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" '
             f'font-size="12"><rect width="100%" height="100%" fill="white"/>'
             f'<text x="10" y="20" font-size="14">{title}</text>']
    for number, (label, spread, goal) in enumerate(rows):
        y = 36 + ROW * number
        parts.append(f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{label}</text>'
                     f'<rect x="{left}" y="{y}" width="{x(spread.median) - left:.1f}" height="16" fill="#7aa6c2"/>'
                     f'<line x1="{x(spread.least):.1f}" x2="{x(spread.most):.1f}" y1="{y + 8}" y2="{y + 8}" stroke="#123"/>'
                     f'<text x="{left + 4}" y="{y + 13}">{spread.median:.2f}</text>')
        if goal:
            parts.append(f'<line x1="{x(goal):.1f}" x2="{x(goal):.1f}" y1="{y - 2}" y2="{y + 18}" stroke="#c22" '
                         f'stroke-width="2"/>')
    parts.append(f'<text x="{left}" y="{height - 8}">{unit}; the line is the range, red the goal</text></svg>')
    file.write_text("\n".join(parts))


class Goals:
    def __init__(self):
        self.lines, self.plotted = [], []

    def add(self, work, goal, spread, reached, ambition=None, digits=2, unit=""):
        verdict = "reached" if reached else "**not reached**"
        if ambition is not None:
            verdict += ", the ambition too" if ambition else ", the ambition not"
        self.lines.append(f"| {work} | {goal} | {spread.text(digits, unit)} | {verdict} |")

    def ratio(self, work, label, must, ambition, spread):
        goal = f"≥ {must}" + (f", ambition {ambition}" if ambition else "")
        self.add(work, goal, spread, spread.median >= must, spread.median >= ambition if ambition else None)
        self.plotted.append((label, spread, must))


def of(told, key, field):
    return Spread([one[field] for one in told[key]])


def per_cpu(told, ours, theirs):
    """How many requests a second of the server's core buys, against theirs."""
    return ratios(told[theirs], told[ours], "cpu_us")


def goals_of(told):
    goals = Goals()
    if "nginx" in told:
        for rows in ("1k", "100k"):
            goals.ratio(f"GET by id, {rows} resources / nginx `return 200`", f"by id, {rows}", 0.80, 0.95,
                        per_cpu(told, f"by_id_{rows}", "nginx"))
        for ours, where in (("first", "the first page"), ("list", "a page anywhere")):
            goals.ratio(f"list of 50 from 100 k / from 1 k, {where}", f"list 100 k / 1 k, {where}", 0.9, None,
                        per_cpu(told, f"{ours}_100k", f"{ours}_1k"))
    if "proxy" in told:
        for ours, who in (("live", "all ask for the same"), ("live_alone", "no two do")):
            goals.ratio(f"live read through one provider / nginx reverse proxy, {who}", f"live / proxy, {who}", 0.45, 0.52,
                        per_cpu(told, ours, "proxy"))
    if "fan_out_64" in told:
        over = Spread([one["p99_ms"] - DELAY_MS for one in told["fan_out_64"]])
        goals.add(f"fan-out 8 × {DELAY_MS} ms, 64 in flight: p99 over the slowest", "≤ 15 ms, ambition 8 ms", over,
                  over.median <= 15, over.median <= 8, 1, " ms")
    if "text_bytes" in told:
        over = Spread([(told[rss] - told["rss_empty"]) / 100_000 - told["text_bytes"] for rss in ("rss_read", "rss_restored")])
        goals.add("memory per resource over its own text (as read, as restored)", "≤ 400 B", over, over.most <= 400,
                  None, 0, " B")
        goals.add("memory per idle connection", "≤ 4096 B", Spread([told["idle"]]), told["idle"] <= 4096, None, 0, " B")
    if "quiet" in told:
        slower = ratios(told["hung"], told["quiet"], "p99_ms")
        goals.add("all providers hung: p99 of inventory reads / quiet", "≤ 1.2", slower, slower.median <= 1.2)
    return goals


NAMES = {"nginx": "nginx `return 200`, one resource", "by_id_1k": "by id, 1 k", "by_id_100k": "by id, 100 k",
         "nginx_list": "nginx `return 200`, a page of 50", "first_1k": "the first 50, 1 k",
         "first_100k": "the first 50, 100 k", "list_1k": "list of 50, 1 k", "list_100k": "list of 50, 100 k",
         "proxy": "nginx reverse proxy", "live": "live read",
         "live_alone": "live read, no two ask for the same", "proxy_tls": "nginx reverse proxy, https to the vendor",
         "live_tls": "live read, https to the vendor", "fan_out_1": "fan-out, 1 in flight",
         "fan_out_64": "fan-out, 64 in flight", "fan_out_512": "fan-out, 512 in flight",
         "quiet": "by id, quiet (8 callers, 1 ms apart)", "hung": "by id, all providers hung"}


def measured_of(told):
    for key, name in NAMES.items():
        if key in told:
            yield (f"| {name} | {of(told, key, 'per_second').text(0)} | {of(told, key, 'cpu_us').text(1)} | "
                   f"{of(told, key, 'p50_ms').text()} | {of(told, key, 'p99_ms').text()} |")


def ratios_of(told):
    for ours, theirs in (("by_id_1k", "nginx"), ("by_id_100k", "nginx"), ("list_1k", "nginx_list"), ("list_100k", "nginx_list"),
                         ("first_100k", "first_1k"), ("list_100k", "list_1k"), ("live", "proxy"), ("live_alone", "proxy"),
                         ("live_tls", "proxy_tls")):
        if ours in told:
            yield f"| {ours} / {theirs} | {per_cpu(told, ours, theirs).text()} | {ratios(told[ours], told[theirs]).text()} |"


def write(out, told, rounds, seconds):
    goals = goals_of(told)
    when = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    lines = ["# Benchmark", "", f"{when}, {machine()}; load average {os.getloadavg()[0]:.1f} when it ended.",
             f"{rounds} interleaved rounds of {seconds} s: median (least–most). One worker on one core, load and vendors on "
             "the other.", "",
             "Ratios of the goals are of **requests per second of the server's CPU time**, kernel included: what a core that "
             "does nothing else would serve. Wall-clock ratios stand below; on a shared machine, or where the load's core is "
             "full first, they say less.", "",
             "| Work | Goal | Measured | |", "|---|---|---|---|", *goals.lines, "",
             "| Ratio | by CPU time | by wall clock |", "|---|---|---|", *ratios_of(told), "",
             "| What | requests/s | server's CPU µs each | p50 ms | p99 ms |", "|---|---|---|---|---|", *measured_of(told), ""]
    calls = [f"{of(told, key, 'vendor_calls').text()} {name}" for key, name in NAMES.items()
             if key in told and told[key][0].get("vendor_calls")]
    if calls:
        lines += ["Vendor calls for each request: " + "; ".join(calls) + ".", ""]
    if "text_bytes" in told:
        mib = {key: told[key] / 2**20 for key in ("rss_empty", "rss_read", "rss_restored")}
        lines += [f"Resident: {mib['rss_empty']:.0f} MiB empty, {mib['rss_read']:.0f} MiB with 100 k resources of "
                  f"{told['text_bytes']:.0f} B of JSON each as read, {mib['rss_restored']:.0f} MiB as restored from the store.  ",
                  f"Start, from exec to `/readyz` 200: {Spread(told['start_empty']).text(3, ' s')} empty, "
                  f"{Spread(told['start_100k']).text(3, ' s')} with 100 k stored resources.", ""]
    if goals.plotted:
        bars(out / "ratios.svg", "Requests per second of CPU time, ours / theirs", "ratio", goals.plotted)
        lines.append("![ratios](ratios.svg)")
    flights = [key for key in ("fan_out_1", "fan_out_64", "fan_out_512") if key in told]
    if flights:
        rows = [(f"{key.removeprefix('fan_out_')} in flight, {name}", of(told, key, name + "_ms"), DELAY_MS + 15)
                for key in flights for name in ("p50", "p99")]
        bars(out / "fan-out.svg", f"Fan-out over 8 providers of {DELAY_MS} ms", "ms", rows)
        lines.append("![fan-out](fan-out.svg)")
    text = "\n".join(lines) + "\n"
    (out / "report.md").write_text(text)
    return text
