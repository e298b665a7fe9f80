def write(out, told, rounds, seconds):
    from measures import ratios, Spread
    lines=[]
    def cpu(x): return Spread([r["cpu_us"] for r in told[x]]).text(1," us")
    for a,b in [("by_id_1k","nginx"),("by_id_100k","nginx"),("list_1k","nginx_list"),("list_100k","nginx_list"),("list_100k","list_1k"),("live","proxy"),("live_tls","proxy_tls")]:
        if a in told:
            lines.append(f"{a}/{b}: {ratios(told[a],told[b]).text()} cpu-based {ratios(told[b],told[a],'cpu_us').text()} rps {Spread([r['per_second'] for r in told[a]]).text(0)} {cpu(a)} vs {cpu(b)}")
    for k in ("fan_out_1","fan_out_64","fan_out_512","quiet","hung"):
        if k in told: lines.append(f"{k} p50 {Spread([r['p50_ms'] for r in told[k]]).text()} p99 {Spread([r['p99_ms'] for r in told[k]]).text()} n {told[k][0]['requests']} {cpu(k)}")
    for k,v in told.items():
        if not (isinstance(v,list) and v and isinstance(v[0],dict)): lines.append(f"{k}: {v}")
    return "\n".join(lines)
