"""Files in an S3-compatible bucket (AWS, MinIO, R2, Ceph): the adapter behind app.core.storage."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.core.storage import FileMissing, StorageError, StoredFile, check_key

GONE = frozenset({"NoSuchKey", "404", "NotFound"})


class S3Bucket:
    """Files of one bucket, below a prefix."""

    def __init__(self, client: Any, bucket: str, prefix: str = "") -> None:
        self.client, self.bucket = client, bucket
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """One PUT: the object is there whole or not at all."""
        name = self._name(key)
        try:
            self.client.put_object(Bucket=self.bucket, Key=name, Body=content, ContentType=content_type)
        except (BotoCoreError, ClientError) as error:
            raise StorageError(str(error)) from error

    def get(self, key: str) -> bytes:
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=self._name(key))
            content: bytes = answer["Body"].read()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in GONE:
                raise FileMissing(key) from None
            raise StorageError(str(error)) from error
        except (BotoCoreError, OSError) as error:
            raise StorageError(str(error)) from error
        return content

    def delete(self, keys: Iterable[str]) -> None:
        # One request a key: DeleteObjects wants an MD5 that some compatible servers insist on and others refuse.
        try:
            for key in keys:
                self.client.delete_object(Bucket=self.bucket, Key=self._name(key))
        except (BotoCoreError, ClientError) as error:
            raise StorageError(str(error)) from error

    def list_files(self, prefix: str) -> Iterator[StoredFile]:
        try:
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=f"{self.prefix}{prefix}"
            )
            for page in pages:
                for item in page.get("Contents", ()):
                    yield StoredFile(item["Key"].removeprefix(self.prefix), item["LastModified"])
        except (BotoCoreError, ClientError) as error:
            raise StorageError(str(error)) from error

    def _name(self, key: str) -> str:
        return self.prefix + check_key(key)


@lru_cache(maxsize=4)
def open_bucket(
    *, bucket: str, prefix: str, endpoint_url: str, region: str, access_key: str, secret_key: str
) -> S3Bucket:
    """The bucket of the settings; without keys the machine's own role is used. Its client is kept for the process."""
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint_url or None,
        region_name=region or None,
        aws_access_key_id=access_key or None,
        aws_secret_access_key=secret_key or None,
        config=Config(
            connect_timeout=3,
            read_timeout=10,
            retries={"max_attempts": 3, "mode": "standard"},
            s3={"addressing_style": "path" if endpoint_url else "auto"},
            # What is not AWS often does not know the checksums that the library sends unasked.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    return S3Bucket(client, bucket, prefix)
