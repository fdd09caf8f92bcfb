//! Kubernetes: a Job, or an init container in every pod.

use serde_json::Value;

use super::{at, container, example, list, migrates};
use crate::support::{Running, servers};

#[track_caller]
fn object<'v>(objects: &'v [Value], kind: &str, name: &str) -> &'v Value {
    let found = objects.iter().find(|object| object["kind"] == kind && at(object, "/metadata/name") == name);
    found.unwrap_or_else(|| panic!("there is no {kind} {name}"))
}

/// The container has its `DATABASE_URL` from a secret that is there, and no more rights than it needs.
#[track_caller]
fn is_set_up(container: &Value, objects: &[Value]) {
    let secret = at(container, "/envFrom/0/secretRef/name").as_str().expect("it has a name");
    at(object(objects, "Secret", secret), "/stringData/DATABASE_URL");
    assert_eq!(at(container, "/securityContext/runAsNonRoot"), true);
    assert_eq!(at(container, "/securityContext/readOnlyRootFilesystem"), true);
}

#[test]
fn the_job_migrates() {
    let objects = example("kubernetes.yaml");
    let job = at(object(&objects, "Job", "shop-migrate"), "/spec/template/spec/containers/0");
    is_set_up(job, &objects);
    migrates(at(job, "/args"), &servers()[0].database());
}

#[test]
fn the_pods_of_a_deployment_migrate_at_once() {
    let objects = example("kubernetes.yaml");
    let deployment = object(&objects, "Deployment", "shop");
    let pod = at(deployment, "/spec/template/spec");
    let init = at(pod, "/initContainers/0");
    is_set_up(init, &objects);
    let database = servers()[0].database();
    let replicas = at(deployment, "/spec/replicas").as_u64().expect("it is a number");
    assert!(replicas > 1);
    let pods: Vec<Running> = (0..replicas).map(|_| container(at(init, "/args"), &database).spawn()).collect();
    let outputs: Vec<_> = pods.into_iter().map(|pod| pod.wait().ok()).collect();
    assert_eq!(outputs.iter().filter(|output| output.stdout.contains("applied")).count(), 1);
    database.run(&["status", "--check", "auth", "cache"]).run().ok();
    // The service itself connects as another role.
    assert_ne!(
        at(pod, "/initContainers/0/envFrom"),
        at(pod, "/containers/0/envFrom"),
        "{:?}",
        list(at(pod, "/containers"))
    );
}
