"""That each check can be failed, and can be passed: rude clients, and a polite one."""

import time

import score
from clients.polite import Polite
from clients.rude import Rude

RUDE = ("hasty", "careless", "mute")


def main(checks, at_once):
    began = time.monotonic()
    rude = [Rude(name) for name in RUDE]
    polite = Polite()
    results = score.all_of([polite, *rude], checks, at_once)
    by_check = {}
    for result in results:
        by_check.setdefault(result.check.number, []).append(result)
    faults = []
    for number, (first, *others) in by_check.items():
        caught = [r for r in others if r.verdict == score.FAIL]
        if first.verdict != score.PASS:
            faults.append(f"{number}: the polite client does not pass: {first.why}")
        if not caught:
            faults.append(f"{number}: no rude client fails")
        shown = "; ".join(f"{r.client}: {r.why}" for r in caught) or "nobody"
        print(f"{number} fails for {shown}")
    print(f"\n{len(by_check)} checks in {time.monotonic() - began:.0f} s")
    print("\n".join(faults) or "each is failed by a rude client, and passed by the polite one")
    return 1 if faults else 0
