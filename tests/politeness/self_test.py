"""That each check can be failed, and can be passed: rude clients, and a polite one."""

import concurrent.futures
import time

import cache
import model
import score
from clients.polite import Polite
from clients.rude import Rude
from clients.vices import VICES, Vicious

RUDE = ("hasty", "careless", "mute")


def main(checks, vectors, at_once):
    began = time.monotonic()
    rude = [Rude(name) for name in RUDE]
    polite = Polite()
    everything = [*checks, *(vector for vector in vectors if vector.judged)]
    results = score.all_of([polite, *rude], everything, at_once)
    by_check = {}
    for result in results:
        by_check.setdefault(result.check.number, []).append(result)
    faults = page_faults() + vice_faults(checks, at_once)
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


def vice_faults(checks, at_once):
    """Each vice of an otherwise polite client is seen by the checks that are about it."""
    by_number = {check.number: check for check in checks}
    pairs = [(Vicious(kind), by_number[number]) for kind, numbers in VICES.items()
             for number in numbers.split() if number in by_number]
    faults = []
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for result in pool.map(lambda pair: score.judge(*pair), pairs):
            print(f"{result.check.number}: {result.client}: {result.verdict} {result.why}")
            if result.verdict != score.FAIL:
                faults.append(f"{result.check.number}: overlooks {result.client}")
    return faults


def page_faults():
    """The list of vectors that do not apply stands in the page as the data have it."""
    mark, end = "<!-- cache vectors -->\n", "\n<!-- end of cache vectors -->"
    text = model.WORDS.read_text()
    stands = text.partition(mark)[2].partition(end)[0]
    return [] if stands == cache.page() else [f"{model.WORDS.name}: not as the vectors have it"]
