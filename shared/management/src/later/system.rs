//! What is done in the whole system.

use berth_projects::{Action, Resource};

use crate::route::{Need, Route, Verb};

const OIDC: &str = "OpenID Connect in this API";
const REPLICATION: &str = "replication";
const COLLECTION: &str = "garbage collection";
const PURGING: &str = "cleaning the audit log";
const JOBS: &str = "jobs";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Post, "/system/oidc/ping", "pingOIDC", "oidc")
        .about("Whether the OpenID Connect provider answers")
        .not_yet(Need::System(Resource::Configuration, Action::Update), OIDC),
    Route::new(Verb::Post, "/registries", "createRegistry", "registry")
        .about("Register another registry")
        .not_yet(Need::System(Resource::Registry, Action::Create), REPLICATION),
    Route::new(Verb::Get, "/registries", "listRegistries", "registry")
        .about("The other registries")
        .not_yet(Need::System(Resource::Registry, Action::List), REPLICATION),
    Route::new(Verb::Post, "/registries/ping", "pingRegistry", "registry")
        .about("Whether another registry answers")
        .not_yet(Need::System(Resource::Registry, Action::Read), REPLICATION),
    Route::new(Verb::Get, "/registries/{id}", "getRegistry", "registry")
        .about("Another registry")
        .not_yet(Need::System(Resource::Registry, Action::Read), REPLICATION),
    Route::new(Verb::Delete, "/registries/{id}", "deleteRegistry", "registry")
        .about("Remove another registry")
        .not_yet(Need::System(Resource::Registry, Action::Delete), REPLICATION),
    Route::new(Verb::Put, "/registries/{id}", "updateRegistry", "registry")
        .about("Change another registry")
        .not_yet(Need::System(Resource::Registry, Action::Update), REPLICATION),
    Route::new(Verb::Get, "/registries/{id}/info", "getRegistryInfo", "registry")
        .about("What another registry can do")
        .not_yet(Need::System(Resource::Registry, Action::Read), REPLICATION),
    Route::new(Verb::Get, "/replication/adapters", "listRegistryProviderTypes", "registry")
        .about("The kinds of other registries")
        .not_yet(Need::System(Resource::ReplicationAdapter, Action::List), REPLICATION),
    Route::new(Verb::Get, "/replication/adapterinfos", "listRegistryProviderInfos", "registry")
        .about("What the kinds of other registries need")
        .not_yet(Need::System(Resource::ReplicationAdapter, Action::List), REPLICATION),
    Route::new(Verb::Get, "/replication/policies", "listReplicationPolicies", "replication")
        .about("The rules of replication")
        .not_yet(Need::System(Resource::ReplicationPolicy, Action::List), REPLICATION),
    Route::new(Verb::Post, "/replication/policies", "createReplicationPolicy", "replication")
        .about("Make a rule of replication")
        .not_yet(Need::System(Resource::ReplicationPolicy, Action::Create), REPLICATION),
    Route::new(Verb::Get, "/replication/policies/{id}", "getReplicationPolicy", "replication")
        .about("A rule of replication")
        .not_yet(Need::System(Resource::ReplicationPolicy, Action::Read), REPLICATION),
    Route::new(Verb::Delete, "/replication/policies/{id}", "deleteReplicationPolicy", "replication")
        .about("Remove a rule of replication")
        .not_yet(Need::System(Resource::ReplicationPolicy, Action::Delete), REPLICATION),
    Route::new(Verb::Put, "/replication/policies/{id}", "updateReplicationPolicy", "replication")
        .about("Change a rule of replication")
        .not_yet(Need::System(Resource::ReplicationPolicy, Action::Update), REPLICATION),
    Route::new(Verb::Get, "/replication/executions", "listReplicationExecutions", "replication")
        .about("The runs of replication")
        .not_yet(Need::System(Resource::Replication, Action::List), REPLICATION),
    Route::new(Verb::Post, "/replication/executions", "startReplication", "replication")
        .about("Run a rule of replication")
        .not_yet(Need::System(Resource::Replication, Action::Create), REPLICATION),
    Route::new(Verb::Get, "/replication/executions/{id}", "getReplicationExecution", "replication")
        .about("A run")
        .not_yet(Need::System(Resource::Replication, Action::Read), REPLICATION),
    Route::new(Verb::Put, "/replication/executions/{id}", "stopReplication", "replication")
        .about("Stop a run")
        .not_yet(Need::System(Resource::Replication, Action::Create), REPLICATION),
    Route::new(Verb::Get, "/replication/executions/{id}/tasks", "listReplicationTasks", "replication")
        .about("The parts of a run")
        .not_yet(Need::System(Resource::Replication, Action::List), REPLICATION),
    Route::new(
        Verb::Get,
        "/replication/executions/{id}/tasks/{task_id}/log",
        "getReplicationLog",
        "replication",
    )
    .about("The log of a part")
    .not_yet(Need::System(Resource::Replication, Action::Read), REPLICATION),
    Route::new(Verb::Get, "/system/gc", "getGCHistory", "gc")
        .about("The runs of garbage collection")
        .not_yet(Need::System(Resource::GarbageCollection, Action::List), COLLECTION),
    Route::new(Verb::Get, "/system/gc/{gc_id}", "getGC", "gc")
        .about("A run of garbage collection")
        .not_yet(Need::System(Resource::GarbageCollection, Action::Read), COLLECTION),
    Route::new(Verb::Put, "/system/gc/{gc_id}", "stopGC", "gc")
        .about("Stop garbage collection")
        .not_yet(Need::System(Resource::GarbageCollection, Action::Stop), COLLECTION),
    Route::new(Verb::Get, "/system/gc/{gc_id}/log", "getGCLog", "gc")
        .about("The log of a run")
        .not_yet(Need::System(Resource::GarbageCollection, Action::Read), COLLECTION),
    Route::new(Verb::Get, "/system/gc/schedule", "getGCSchedule", "gc")
        .about("When garbage is collected: never")
        .unset(Need::System(Resource::GarbageCollection, Action::Read)),
    Route::new(Verb::Post, "/system/gc/schedule", "createGCSchedule", "gc")
        .about("Say when garbage is collected")
        .not_yet(Need::System(Resource::GarbageCollection, Action::Create), COLLECTION),
    Route::new(Verb::Put, "/system/gc/schedule", "updateGCSchedule", "gc")
        .about("Change when garbage is collected")
        .not_yet(Need::System(Resource::GarbageCollection, Action::Update), COLLECTION),
    Route::new(Verb::Get, "/system/purgeaudit", "getPurgeHistory", "purge")
        .about("The runs that cleaned the audit log")
        .not_yet(Need::System(Resource::PurgeAudit, Action::List), PURGING),
    Route::new(Verb::Get, "/system/purgeaudit/{purge_id}", "getPurgeJob", "purge")
        .about("A run that cleaned the audit log")
        .not_yet(Need::System(Resource::PurgeAudit, Action::Read), PURGING),
    Route::new(Verb::Put, "/system/purgeaudit/{purge_id}", "stopPurge", "purge")
        .about("Stop cleaning the audit log")
        .not_yet(Need::System(Resource::PurgeAudit, Action::Stop), PURGING),
    Route::new(Verb::Get, "/system/purgeaudit/{purge_id}/log", "getPurgeJobLog", "purge")
        .about("The log of a run")
        .not_yet(Need::System(Resource::PurgeAudit, Action::Read), PURGING),
    Route::new(Verb::Get, "/system/purgeaudit/schedule", "getPurgeSchedule", "purge")
        .about("When the audit log is cleaned: entries end by themselves")
        .unset(Need::System(Resource::PurgeAudit, Action::Read)),
    Route::new(Verb::Post, "/system/purgeaudit/schedule", "createPurgeSchedule", "purge")
        .about("Say when the audit log is cleaned")
        .not_yet(Need::System(Resource::PurgeAudit, Action::Create), PURGING),
    Route::new(Verb::Put, "/system/purgeaudit/schedule", "updatePurgeSchedule", "purge")
        .about("Change when the audit log is cleaned")
        .not_yet(Need::System(Resource::PurgeAudit, Action::Update), PURGING),
    Route::new(Verb::Get, "/jobservice/pools", "getWorkerPools", "jobservice")
        .about("The pools of workers: none")
        .empty(Need::System(Resource::JobserviceMonitor, Action::List)),
    Route::new(Verb::Get, "/jobservice/pools/{pool_id}/workers", "getWorkers", "jobservice")
        .about("The workers of a pool: none")
        .empty(Need::System(Resource::JobserviceMonitor, Action::List)),
    Route::new(Verb::Put, "/jobservice/jobs/{job_id}", "stopRunningJob", "jobservice")
        .about("Stop a job")
        .not_yet(Need::System(Resource::JobserviceMonitor, Action::Stop), JOBS),
    Route::new(Verb::Get, "/jobservice/jobs/{job_id}/log", "actionGetJobLog", "jobservice")
        .about("The log of a job")
        .not_yet(Need::System(Resource::JobserviceMonitor, Action::List), JOBS),
    Route::new(Verb::Get, "/jobservice/queues", "listJobQueues", "jobservice")
        .about("The queues of jobs: none")
        .empty(Need::System(Resource::JobserviceMonitor, Action::List)),
    Route::new(Verb::Put, "/jobservice/queues/{job_type}", "actionPendingJobs", "jobservice")
        .about("Stop, pause or resume a queue")
        .not_yet(Need::System(Resource::JobserviceMonitor, Action::Stop), JOBS),
    Route::new(Verb::Get, "/schedules", "listSchedules", "schedule")
        .about("What is scheduled")
        .not_yet(Need::System(Resource::JobserviceMonitor, Action::List), JOBS),
    Route::new(Verb::Get, "/schedules/{job_type}/paused", "getSchedulePaused", "schedule")
        .about("Whether what is scheduled is paused")
        .not_yet(Need::SignedIn, JOBS),
];
