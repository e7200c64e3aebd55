"""What the local stack imitates of AWS, checked on a function of our own (berth-function-echo) behind template.yaml."""

import base64
import hashlib
import http.client
import http.server
import json
import pathlib
import subprocess
import tempfile
import threading
import unittest

from stack import services
from stack.deploy import Deployment
from stack.processes import Processes

HERE = pathlib.Path(__file__).resolve().parent
MIB = 1024 * 1024


class SecondServer(http.server.BaseHTTPRequestHandler):
    """An origin beside MiniStack: answers with the length and the framing of the body that it got."""

    protocol_version = "HTTP/1.1"

    def do_PATCH(self):
        length, chunked = 0, "chunked" in self.headers.get("transfer-encoding", "")
        if chunked:
            while size := int(self.rfile.readline(), 16):
                length += len(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
        else:
            length = len(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps({"length": length, "chunked": chunked, "host": self.headers["host"]}).encode()
        self.send_response(202)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def setUpModule():
    """One stack for all tests."""
    processes = Processes()
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    unittest.addModuleCleanup(processes.stop)
    second = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SecondServer)
    threading.Thread(target=second.serve_forever, daemon=True).start()
    unittest.addModuleCleanup(second.server_close)
    unittest.addModuleCleanup(second.shutdown)
    Stack.folder = pathlib.Path(folder.name)
    Stack.ministack = services.start_ministack(processes, Stack.folder, "token")
    Stack.deployment = Deployment(Stack.ministack, "test")
    Stack.deployment.create(HERE / "template.yaml", HERE, {})
    (Stack.distribution,) = Stack.deployment.resources("AWS::CloudFront::Distribution").values()
    origins = {"second.test": f"127.0.0.1:{second.server_port}"}
    Stack.url = services.start_front(processes, Stack.folder, "token", Stack.ministack, Stack.distribution, 0, origins)


class Stack(unittest.TestCase):
    def ask(self, method, path, body=None, headers=None, **options):
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=60)
        self.addCleanup(connection.close)
        connection.request(method, path, body, headers or {}, **options)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        return answer

    def echo(self, path="/echo/", method="GET", body=None, headers=None, **options):
        answer = self.ask(method, path, body, headers, **options)
        self.assertEqual(answer.status, 200, answer.text)
        return json.loads(answer.text)

    def result(self, result, method="GET"):
        """The answer to a function's result."""
        return self.ask(method, "/answer?" + base64.urlsafe_b64encode(json.dumps(result).encode()).decode())


class FunctionUrl(Stack):
    def test_renames_and_drops_headers(self):
        answer = self.result({"statusCode": 200, "headers": {
            "WWW-Authenticate": "Bearer", "Server": "me", "Date": "today", "Content-Length": "7", "Trailer": "x", "X-Own": "kept"}})
        self.assertEqual(answer.headers["x-amzn-remapped-www-authenticate"], "Bearer")
        self.assertEqual(answer.headers["x-amzn-remapped-server"], "me")
        self.assertEqual(answer.headers["x-amzn-remapped-date"], "today")
        self.assertEqual(answer.headers["x-amzn-remapped-content-length"], "7")
        self.assertEqual(answer.headers["x-own"], "kept")
        self.assertIsNone(answer.headers["www-authenticate"])
        self.assertIsNone(answer.headers["trailer"])

    def test_refuses_a_result_with_a_remapped_header(self):
        self.assertEqual(self.result({"statusCode": 200, "headers": {"x-amzn-Remapped-Date": "x"}}).status, 500)

    def test_a_head_loses_its_length(self):
        answer = self.result({"statusCode": 200, "headers": {"content-length": "77"}}, "HEAD")
        self.assertEqual(answer.headers["content-length"], "0")

    def test_the_response_function_may_set_the_length_of_a_head(self):
        answer = self.result({"statusCode": 200, "headers": {"x-length": "77"}}, "HEAD")
        self.assertEqual(answer.headers["content-length"], "77")

    def test_keeps_the_path_and_the_query_as_they_were_sent(self):
        event = self.echo("/echo/a%2Fb//c%20d/%C3%BC?digest=sha256:ab&x=%2F&y")
        self.assertEqual(event["rawPath"], "/echo/a%2Fb//c%20d/%C3%BC")
        self.assertEqual(event["requestContext"]["http"]["path"], event["rawPath"])
        self.assertEqual(event["rawQueryString"], "digest=sha256:ab&x=%2F&y")

    def test_paths_that_ministack_serves_itself_reach_the_function(self):
        for path in ("/v2/", "/v2/_catalog", "/v2/a/tags/list", "/v2/email/x/blobs/y", "/iceberg", "/_ministack/health",
                     "/key-value-stores/x", "/2020-05-31/distribution"):
            self.assertEqual(self.echo(path)["rawPath"], path)

    def test_tells_nothing_about_a_crash(self):
        answer = self.ask("GET", "/crash")
        self.assertEqual((answer.status, answer.text), (502, "Internal Server Error"))

    def test_an_event_may_have_six_mib(self):
        self.assertEqual(self.echo(method="POST", body=bytes(4_500_000))["bodyBytes"], 4_500_000)
        self.assertEqual(self.ask("POST", "/echo/", bytes(6 * MIB)).status, 413)
        self.assertEqual(self.events()[-1]["status"], "event too large")

    def test_a_result_may_have_six_mib(self):
        self.assertEqual(len(self.ask("GET", "/large?6000000").text), 6_000_000)
        self.assertEqual(self.ask("GET", f"/large?{6 * MIB}").status, 502)
        self.assertEqual(self.events()[-1]["status"], "result too large")

    def test_each_invocation_is_recorded(self):
        before = len(self.events())
        self.ask("POST", "/echo/", bytes(1000))
        (event,) = self.events()[before:]
        self.assertEqual(event.keys(), {"function", "event_bytes", "result_bytes", "status"})
        self.assertIn("Echo", event["function"])
        self.assertGreater(event["event_bytes"], 1334)
        self.assertEqual(event["status"], "ok")

    def test_runs_as_its_role_and_knows_no_secret_of_the_stack(self):
        names = self.echo()["environment"]
        self.assertIn("AWS_SESSION_TOKEN", names)
        self.assertNotIn("BERTH_FRONT_TOKEN", names)

    def events(self):
        return [json.loads(line) for line in (self.folder / "events.jsonl").read_text().splitlines()]


class CloudFront(Stack):
    def test_a_generated_response_reaches_no_origin_and_no_response_function(self):
        answer = self.ask("GET", "/generated")
        self.assertEqual((answer.status, answer.text, answer.headers["x-made"]), (418, "made", "here"))
        self.assertIsNone(answer.headers["x-response-function"])

    def test_the_response_function_is_not_called_for_an_error(self):
        self.assertEqual(self.result({"statusCode": 399}).headers["x-response-function"], "399")
        self.assertIsNone(self.result({"statusCode": 400}).headers["x-response-function"])

    def test_what_functions_must_not_set_is_refused(self):
        for path in ("/read-only", "/disallowed", "/method"):
            self.assertEqual(self.ask("GET", path).status, 502, path)
        self.assertEqual(self.result({"statusCode": 200, "headers": {"x-set-via": "1"}}).status, 502)
        self.assertEqual(self.ask("GET", "/throw").status, 503)

    def test_an_event_shows_what_was_sent(self):
        request = json.loads(self.ask("GET", "/event/a%2Fb?b=%20&a&b=2", headers={
            "X-Mixed": "1", "Cookie": "c=1; d=2", "Expect": "100-continue", "X-Edge-Y": "1"}).text)
        self.assertEqual((request["method"], request["uri"]), ("GET", "/event/a%2Fb"))
        self.assertEqual(request["querystring"], {
            "b": {"value": "%20", "multiValue": [{"value": "%20"}, {"value": "2"}]}, "a": {"value": ""}})
        self.assertEqual(request["cookies"], {"c": {"value": "1"}, "d": {"value": "2"}})
        self.assertEqual(request["headers"]["x-mixed"], {"value": "1"})
        self.assertEqual(request["headers"].keys() & {"cookie", "expect", "x-edge-y"}, set())

    def test_the_origin_gets_its_headers(self):
        headers = self.echo(headers={
            "Authorization": "Bearer x", "X-Viewer": "1", "X-Origin-Secret": "forged", "Expect": "100-continue"})["headers"]
        self.assertEqual(headers["x-added"], "by the function")
        self.assertEqual(headers["x-origin-secret"], "of the template")
        self.assertEqual((headers["authorization"], headers["x-viewer"]), ("Bearer x", "1"))
        self.assertTrue(headers["host"].endswith(".on.aws"))
        self.assertNotIn("expect", headers)

    def test_without_an_origin_request_policy_little_is_forwarded(self):
        event = self.echo("/echo/bare/x?y=1", headers={"Authorization": "Bearer x", "X-Viewer": "1", "Range": "bytes=0-1"})
        self.assertEqual((event["rawPath"], event["rawQueryString"]), ("/echo/bare/x", ""))
        self.assertEqual(event["headers"].keys() & {"authorization", "x-viewer", "x-added"}, set())
        self.assertEqual((event["headers"]["range"], event["headers"]["user-agent"]), ("bytes=0-1", "Amazon CloudFront"))

    def test_methods_and_bodies_that_are_not_allowed(self):
        self.assertEqual(self.ask("PUT", "/echo/bare/x", b"x").status, 403)
        self.assertEqual(self.ask("GET", "/echo/", b"x").status, 403)
        self.assertEqual(self.ask("GET", "/echo/" + "x" * 8200).status, 414)

    def test_an_unknown_origin_is_an_error(self):
        self.assertEqual(self.ask("GET", "/unknown-origin").status, 502)

    def test_a_body_of_unknown_length_streams_to_another_origin(self):
        chunks = (bytes(MIB) for _ in range(20))
        answer = self.ask("PATCH", "/second", chunks, encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
        self.assertEqual(json.loads(answer.text), {"length": 20 * MIB, "chunked": True, "host": "second.test"})

    def test_a_challenge_names_an_address_that_answers(self):
        host = self.url.removeprefix("http://")
        self.assertEqual(self.ask("GET", "/challenge").headers["www-authenticate"], f'Bearer realm="http://{host}/token"')

    def test_the_key_value_store_takes_effect_at_once(self):
        (name,) = self.deployment.resources("AWS::CloudFront::KeyValueStore").values()
        store = self.deployment.client("cloudfront").describe_key_value_store(Name="test")["KeyValueStore"]["ARN"]
        self.assertEqual(self.ask("GET", "/key/a").text, "absent", name)
        environment = {**services.clean_environment(self.folder), **services.CREDENTIALS, "AWS_ENDPOINT_URL": self.ministack}

        def cli(*words):
            command = [services.HERE / "bin" / "aws", "cloudfront-keyvaluestore", *words, "--kvs-arn", store, "--output", "json"]
            return json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)

        version = cli("describe-key-value-store")["ETag"]
        cli("put-key", "--key", "a", "--value", "present", "--if-match", version)
        self.assertEqual(self.ask("GET", "/key/a").text, "present")


class Bucket(Stack):
    def test_the_policy_decides_what_cloudfront_may(self):
        checksum = base64.b64encode(hashlib.sha256(b"blob").digest()).decode()
        self.assertEqual(self.ask("PUT", "/s3/blob", b"blob", {"x-amz-checksum-sha256": checksum}).status, 200)
        self.assertEqual(self.ask("GET", "/s3/blob").text, "blob")
        self.assertEqual(self.ask("GET", "/s3/blob", headers={"Range": "bytes=1-2"}).status, 206)
        self.assertEqual(self.ask("HEAD", "/s3/blob").headers["content-length"], "4")
        self.assertEqual(self.ask("DELETE", "/s3/blob").status, 403)
        # It may not list the bucket, so it does not learn what is absent.
        self.assertEqual(self.ask("GET", "/s3/absent").status, 403)

    def test_s3_checks_the_digest(self):
        wrong = base64.b64encode(bytes(32)).decode()
        self.assertEqual(self.ask("PUT", "/s3/wrong", b"blob", {"x-amz-checksum-sha256": wrong}).status, 400)

    def test_s3_wants_a_length(self):
        answer = self.ask("PUT", "/s3/x", iter([b"x"]), {"Transfer-Encoding": "chunked"}, encode_chunked=True)
        self.assertEqual(answer.status, 411)

    def test_nobody_else_counts_as_cloudfront(self):
        (bucket,) = self.deployment.resources("AWS::S3::Bucket").values()
        arn = f"arn:aws:cloudfront::000000000000:distribution/{self.distribution}"
        self.ask("PUT", "/s3/private", b"x")
        for headers in ({}, {"x-berth-oac": f"guess {arn}"}, {"x-berth-oac": "token arn:aws:cloudfront::000000000000:distribution/E1"}):
            connection = http.client.HTTPConnection(self.ministack.removeprefix("http://"))
            self.addCleanup(connection.close)
            connection.request("GET", f"/{bucket}/s3/private", headers=headers)
            self.assertEqual(connection.getresponse().status, 403, headers)


class CloudFormation(Stack):
    def test_properties_that_ministack_forgets(self):
        client, resources = self.deployment.client, self.deployment.resources
        (table,) = resources("AWS::DynamoDB::Table").values()
        ttl = client("dynamodb").describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        self.assertEqual(ttl, {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"})
        backups = client("dynamodb").describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        self.assertEqual(backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "ENABLED")
        (bucket,) = resources("AWS::S3::Bucket").values()
        rules = client("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        self.assertEqual(rules[0]["Expiration"], {"Days": 2})
        self.assertEqual(rules[1]["AbortIncompleteMultipartUpload"], {"DaysAfterInitiation": 3})
        (function,) = resources("AWS::Lambda::Function").values()
        concurrency = client("lambda").get_function_concurrency(FunctionName=function)
        self.assertEqual(concurrency["ReservedConcurrentExecutions"], 9)
        (secret,) = resources("AWS::SecretsManager::Secret").values()
        value = json.loads(client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])
        self.assertRegex(value["current"], "^[A-Za-z0-9]{64}$")
