"""Looks into buckets for the tests: bucket.py ENDPOINT DEED [ARGUMENT...]"""

import hashlib
import io
import json
import sys
import tarfile

import boto3
import zstandard
from botocore.config import Config

endpoint, deed, *given = sys.argv[1:]
s3 = boto3.client(
    "s3", endpoint_url=endpoint, aws_access_key_id="test", aws_secret_access_key="testsecret",
    region_name="us-east-1",
    config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1},
                  connect_timeout=2, read_timeout=20),
)



def check(bucket, prefix):
    """Holds each object against its manifest; prints the ids of all snapshots."""
    keys = {one["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
            for one in page.get("Contents", [])} - {prefix + "daybook.json"}
    manifests = {key for key in keys if key.endswith(".json")}
    objects = {key.removesuffix(".json") + ".tar.zst" for key in manifests}
    assert keys == manifests | objects, keys ^ (manifests | objects)
    for key in sorted(manifests):
        manifest = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        key = key.removesuffix(".json") + ".tar.zst"
        got = s3.get_object(Bucket=bucket, Key=key)
        assert got["ServerSideEncryption"] == "AES256", key
        data = got["Body"].read()
        sha256 = hashlib.sha256(data).hexdigest()
        assert sha256 == manifest["sha256"] == got["Metadata"]["sha256"], key
        assert len(data) == manifest["bytes"] and manifest["licence"], key
        stream = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data))
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            files = {one.name: tar.extractfile(one).read() for one in tar}
        texts = {hashlib.sha256(text).hexdigest() for name, text in files.items()
                 if name.startswith("declarations/")}
        assert manifest["declaration"] in texts, key
        named = {one["id"]: one for one in manifest["snapshots"]}
        assert set(named) == {name for name in files if not name.startswith("declarations/")}, key
        for name, one in named.items():
            assert len(files[name]) == one["bytes"], name
            assert hashlib.sha256(files[name]).hexdigest() == one["sha256"], name
            print(name)


if deed == "ready":
    s3.head_bucket(Bucket="first")
    s3.put_object(Bucket="first", Key="ready", Body=b"")
elif deed == "make":
    s3.create_bucket(Bucket=given[0])
elif deed == "list":
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=given[0]):
        for one in page.get("Contents", []):
            print(one["Key"])
elif deed == "head":
    head = s3.head_object(Bucket=given[0], Key=given[1])
    print(head.get("ServerSideEncryption"), head["Metadata"].get("sha256"), head["ContentLength"])
elif deed == "check":
    check(*given)
elif deed == "get":
    sys.stdout.buffer.write(s3.get_object(Bucket=given[0], Key=given[1])["Body"].read())
elif deed == "put":
    s3.put_object(Bucket=given[0], Key=given[1], Body=sys.argv[-1].encode())
elif deed == "delete":
    s3.delete_object(Bucket=given[0], Key=given[1])
else:
    sys.exit(f"there is no {deed}")
