"""The fetcher's job by aiohttp: peer_aiohttp.py URLS FOLDER

Asks every address at once, conditionally where an earlier run kept a validator, and leaves a
durable file for each answer: written under another name, synced on a thread, renamed, the folder
synced once. It keeps no journal, no pace and no bounds.
"""
import asyncio, json, os, sys
from concurrent.futures import ThreadPoolExecutor

import aiohttp

urls = open(sys.argv[1]).read().split()
folder = sys.argv[2]
os.makedirs(folder, exist_ok=True)
kept = os.path.join(folder, "etags.json")
etags = json.load(open(kept)) if os.path.exists(kept) else {}


def keep(place, body):
    path = os.path.join(folder, f"{place}.json")
    with open(path + "~", "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + "~", path)


async def one(session, pool, place, url):
    headers = {"If-None-Match": etags[url]} if url in etags else {}
    async with session.get(url, headers=headers) as answer:
        body = await answer.read()
        if answer.status == 200:
            etags[url] = answer.headers["ETag"]
            await asyncio.get_running_loop().run_in_executor(pool, keep, place, body)


async def main():
    pool = ThreadPoolExecutor(16)
    connector = aiohttp.TCPConnector(limit=256)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(one(session, pool, *pair) for pair in enumerate(urls)))
    with open(kept, "w") as file:
        json.dump(etags, file)
        os.fsync(file.fileno())
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)


asyncio.run(main())
