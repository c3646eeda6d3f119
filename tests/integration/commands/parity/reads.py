"""The reading commands whose output is compared."""

from __future__ import annotations

from tests.integration.commands.parity.row import Row

SAME = """
apiVersion: v1
kind: ConfigMap
metadata: {name: web-config}
"""
LABELLED = """
apiVersion: v1
kind: Service
metadata: {name: web, labels: {tier: front}}
"""
WRONG = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 1.2.3.4}
"""
NEW = """
apiVersion: v1
kind: ConfigMap
metadata: {name: fresh}
data: {a: b}
"""
GET = (
    Row("get pods"),
    Row("get pods -A"),
    Row("get pods -o wide"),
    Row("get pods -l app=web --show-labels"),
    Row("get pods -L app -L pod-template-hash"),
    Row("get pods -L app,tier --no-headers"),
    Row("get pods --field-selector spec.nodeName=node-b"),
    Row("get pods --sort-by=.metadata.name"),
    Row("get pods --sort-by={.metadata.creationTimestamp} -l app=web"),
    Row("get pods --sort-by=.spec.nothing", differences=("no field to sort by",)),
    Row("get deployments --sort-by=.spec.replicas -l app=web"),
    Row("get pvc -A --sort-by=.spec.resources.requests.storage"),
    Row("get deployments"),
    Row("get deployment web cart"),
    Row("get deployment web nosuch"),
    Row("get deployment nosuch"),
    Row("get deployment nosuch --ignore-not-found"),
    Row("get deploy/web svc/web"),
    Row("get pods/orders-db-0"),
    Row("get pods --show-kind -l app=orders-db"),
    Row("get svc,cm"),
    Row("get all"),
    Row("get nodes -o wide"),
    Row("get ns"),
    Row("get hpa"),
    Row("get cronjobs,jobs"),
    Row("get pvc -A"),
    Row("get secrets"),
    Row("get podz"),
    Row("get pods -n qa"),
    Row("get pods -n nosuch"),
    Row("get pods -A -l app=nobody"),
    Row("get deployment web -o name"),
    Row("get svc -o name"),
    Row("get pods -l app=nobody -o name"),
    Row("get cm web-config -o yaml"),
    Row("get svc web -o yaml"),
    Row("get deployment web -o yaml"),
    Row("get pod orders-db-0 -o yaml"),
    Row("get cm checkout-env -o json"),
    Row("get cm -o yaml"),
    Row("get svc -o json --sort-by=.metadata.name"),
    Row("get pods -l app=nobody -o yaml"),
    Row("get secrets -o yaml", differences=("secret",)),
    Row("get pods -l app=web -o jsonpath={.items[*].metadata.name}"),
    Row("""get svc -o jsonpath='{range .items[*]}{.metadata.name}{"\\t"}{.spec.ports[0].port}{"\\n"}{end}'"""),
    Row("""get pods -o jsonpath='{.items[?(@.metadata.name=="orders-db-0")].spec.nodeName}'"""),
    Row("get pods -l app=web -o jsonpath={.items[0].spec.containers}"),
    Row("get pods -o jsonpath={.items[0:2].metadata.name}"),
    Row("get pods -o jsonpath={.items[-1:].metadata.name}"),
    Row("get svc -o jsonpath={..ports[*].port}"),
    Row("get svc web -o jsonpath={.metadata.labels}"),
    Row("get svc web -o jsonpath={.nothing}"),
    Row("get svc web -o jsonpath={.items[*}"),
    Row("get svc web -o jsonpath={.spec.ports[9].port}", differences=("dump",)),
    Row("get svc web -o jsonpath-as-json={.spec.ports[*].port}"),
    Row("get svc -o custom-columns=NAME:.metadata.name,PORTS:.spec.ports[*].port,SEL:.spec.selector"),
    Row("get svc -o custom-columns=NAME:.metadata.name,NOTHING:.spec.nothing --no-headers"),
    Row("get pods -l app=nobody -o custom-columns=NAME:.metadata.name"),
    Row("get svc -o custom-columns=NAME"),
)
WIDGETS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {
            "kind": "Widget",
            "listKind": "WidgetList",
            "plural": "widgets",
            "singular": "widget",
            "shortNames": ["wd"],
            "categories": ["all"],
        },
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "description": "Widget is a thing.",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {"size": {"type": "integer"}, "color": {"type": "string"}},
                            }
                        },
                    }
                },
                "additionalPrinterColumns": [
                    {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
                    {"name": "Color", "type": "string", "jsonPath": ".spec.color"},
                    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                ],
            }
        ],
    },
}
WIDGET = {
    "apiVersion": "example.com/v1",
    "kind": "Widget",
    "metadata": {"name": "one", "labels": {"app": "a"}},
    "spec": {"size": 3, "color": "red"},
}
CUSTOM = (
    Row("get wd"),
    Row("get widgets.example.com"),
    Row("get widget one -o yaml"),
    Row("get wd -o wide --sort-by=.spec.size"),
    Row("get wd -o custom-columns=N:.metadata.name,S:.spec.size"),
    Row("get wd -o name"),
    Row("get wd,svc"),
    Row("describe wd one"),
    Row("get crds"),
    Row("api-resources --api-group=example.com"),
)
OTHERS = (
    Row("top pods --sort-by=memory -n monitoring"),
    Row("top nodes"),
    Row("events --for pod/batch-heavy-6c5d8f9b7-lk3vp"),
    Row("events -n qa"),
    Row("logs orders-db-0 -c init-schema"),
    Row("logs payments-api-849c6f7d5b-qz4kn --previous --tail=3"),
    Row("logs deployment/web --tail=0"),
    Row("logs orders-db-0 -c init-schema --since-time=2001-01-01T00:00:00Z"),
    Row("logs orders-db-0 -c init-schema --since-time=2099-01-01T00:00:00+01:00"),
    Row("get deployments --chunk-size=2"),
    Row("rollout status deployment/cart"),
    Row("rollout history deployment/cart"),
    Row("auth can-i delete pods"),
    Row("auth whoami"),
    Row("version", differences=("client",)),
    Row("cluster-info", differences=("manual",)),
    Row("api-resources"),
    Row("api-resources --api-group=apps"),
    Row("api-resources -o wide", differences=("order of verbs",)),
    Row("api-resources -o name --verbs=list,delete"),
    Row("api-resources --no-headers --namespaced=false --sort-by=kind"),
    Row("api-versions"),
    Row("version -o json", differences=("client's version",)),
    Row("version -o yaml", differences=("client's version",)),
    Row("auth can-i --list"),
    Row("auth can-i get nodes/proxy"),
    Row("config current-context"),
    Row("config get-contexts", differences=("account",)),
    Row("config get-contexts -o name"),
    Row("config view --minify", differences=("account",)),
    Row("explain deployment"),
    Row("explain pod.spec.containers"),
    Row("explain pod.spec.restartPolicy"),
    Row("explain deployment.spec.strategy --recursive"),
    Row("explain pod.spec.nosuch"),
    Row("explain svc.spec.ports --recursive"),
    Row("explain hpa"),
    Row("top pods --sum"),
    Row("top pods -A --containers --no-headers"),
    Row("top pod orders-db-0 --containers"),
    Row("top node node-a"),
    Row("events --types=Warning"),
    Row("events -A --no-headers"),
    Row("events"),
    Row("rollout status sts/orders-db"),
    Row("rollout status ds/kube-proxy -n kube-system"),
    Row("rollout status deployment/cart --watch=false"),
    Row("rollout status pod/orders-db-0"),
    Row("logs orders-db-0 -c init-schema -f"),
    Row("logs -l app=payments-api --previous --tail=2 --prefix"),
    Row("logs -l app=nobody"),
    Row("logs orders-db-0 -c nosuch"),
    Row("logs -l app=web -f --max-log-requests=2 --tail=0"),
    Row("wait pod/orders-db-0 --for=condition=Ready"),
    Row("wait pods -l app=web --for=condition=Ready"),
    Row("wait deployment/cart --for=jsonpath={.spec.replicas}=2"),
    Row("wait pod/orders-db-0 --for=delete --timeout=1s"),
    Row("wait pod/orders-db-0 --for=condition=Nothing --timeout=1s"),
    Row("wait pod/nosuch --for=condition=Ready"),
    Row("wait pod/nosuch --for=delete"),
    Row("wait pods -l app=nobody --for=condition=Ready"),
    Row("rollout history deployment/cart --revision=1"),
    Row("rollout history sts/orders-db --revision=1"),
    Row("rollout history deployment/cart --revision=99"),
    Row("describe pod orders-db-0"),
    Row("describe pods -l app=payments-api"),
    Row("describe pod batch-heavy-6c5d8f9b7-lk3vp"),
    Row("describe deployment cart"),
    Row("describe deployment payments-api"),
    Row("describe rs -l app=cart"),
    Row("describe sts orders-db"),
    Row("describe ds kube-proxy -n kube-system"),
    Row("describe job db-migrate"),
    Row("describe cronjob nightly-report"),
    Row("describe svc web"),
    Row("describe svc orders-db"),
    Row("describe svc"),
    Row("describe cm web-config", differences=("order of keys",)),
    Row("describe secret payments-api-secrets"),
    Row("describe sa default"),
    Row("describe ns shop"),
    Row("describe node node-a"),
    Row("describe node node-b"),
    Row("describe hpa web"),
    Row("describe pvc data-orders-db-0"),
    Row("describe pv"),
    Row("describe pod nosuch"),
    Row("describe pods -n qa"),
    Row("describe role -n kube-system"),
    Row("describe lease node-a -n kube-node-lease"),
    Row("diff --server-side -f -", stdin=LABELLED, differences=("names of files",)),
    Row("diff --server-side -f -", stdin=WRONG),
    Row("diff --server-side -f -", stdin=SAME),
    Row("diff --server-side -f -", stdin=NEW, differences=("names of files", "times")),
)
READS: tuple[Row, ...] = (*GET, *CUSTOM, *OTHERS)
