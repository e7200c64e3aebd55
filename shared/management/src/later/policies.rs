//! What projects rule for themselves.

use berth_projects::{Action, Resource};

use crate::route::{Need, Route, Verb};

const IMMUTABLE: &str = "immutable tags";
const RETENTION: &str = "retention";
const WEBHOOKS: &str = "webhooks";
const PREHEATING: &str = "preheating";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Get, "/projects/{project_name_or_id}/immutabletagrules", "ListImmuRules", "immutable")
        .about("The rules about tags that do not move")
        .not_yet(Need::Project(Resource::ImmutableTag, Action::List), IMMUTABLE),
    Route::new(Verb::Post, "/projects/{project_name_or_id}/immutabletagrules", "CreateImmuRule", "immutable")
        .about("Make a rule about tags that do not move")
        .not_yet(Need::Project(Resource::ImmutableTag, Action::Create), IMMUTABLE),
    Route::new(Verb::Put, "/projects/{project_name_or_id}/immutabletagrules/{immutable_rule_id}", "UpdateImmuRule", "immutable")
        .about("Change a rule about tags that do not move")
        .not_yet(Need::Project(Resource::ImmutableTag, Action::Update), IMMUTABLE),
    Route::new(Verb::Delete, "/projects/{project_name_or_id}/immutabletagrules/{immutable_rule_id}", "DeleteImmuRule", "immutable")
        .about("Remove a rule about tags that do not move")
        .not_yet(Need::Project(Resource::ImmutableTag, Action::Delete), IMMUTABLE),
    Route::new(Verb::Get, "/retentions/metadatas", "getRentenitionMetadata", "Retention")
        .about("What rules of retention can say")
        .not_yet(Need::SignedIn, RETENTION),
    Route::new(Verb::Post, "/retentions", "createRetention", "Retention")
        .about("Make a policy of retention")
        .not_yet(Need::SignedIn, RETENTION),
    Route::new(Verb::Get, "/retentions/{id}", "getRetention", "Retention")
        .about("A policy of retention")
        .not_yet(Need::SignedIn, RETENTION),
    Route::new(Verb::Put, "/retentions/{id}", "updateRetention", "Retention")
        .about("Change a policy of retention")
        .not_yet(Need::SignedIn, RETENTION),
    Route::new(Verb::Delete, "/retentions/{id}", "deleteRetention", "Retention")
        .about("Remove a policy of retention")
        .not_yet(Need::SignedIn, RETENTION),
    Route::new(Verb::Post, "/retentions/{id}/executions", "triggerRetentionExecution", "Retention")
        .about("Run a policy of retention")
        .not_yet(Need::SignedIn, RETENTION),
    Route::new(Verb::Get, "/retentions/{id}/executions", "listRetentionExecutions", "Retention")
        .about("The runs of a policy of retention")
        .not_yet(Need::SignedIn, RETENTION),
    Route::new(Verb::Patch, "/retentions/{id}/executions/{eid}", "operateRetentionExecution", "Retention")
        .about("Stop a run")
        .not_yet(Need::SignedIn, RETENTION),
    Route::new(Verb::Get, "/retentions/{id}/executions/{eid}/tasks", "listRetentionTasks", "Retention")
        .about("The parts of a run")
        .not_yet(Need::SignedIn, RETENTION),
    Route::new(Verb::Get, "/retentions/{id}/executions/{eid}/tasks/{tid}", "getRetentionTaskLog", "Retention")
        .about("The log of a part")
        .not_yet(Need::SignedIn, RETENTION),
    Route::new(Verb::Get, "/projects/{project_name_or_id}/webhook/policies", "ListWebhookPoliciesOfProject", "webhook")
        .about("The webhooks of a project")
        .not_yet(Need::Project(Resource::NotificationPolicy, Action::List), WEBHOOKS),
    Route::new(Verb::Post, "/projects/{project_name_or_id}/webhook/policies", "CreateWebhookPolicyOfProject", "webhook")
        .about("Make a webhook")
        .not_yet(Need::Project(Resource::NotificationPolicy, Action::Create), WEBHOOKS),
    Route::new(Verb::Get, "/projects/{project_name_or_id}/webhook/policies/{webhook_policy_id}", "GetWebhookPolicyOfProject", "webhook")
        .about("A webhook")
        .not_yet(Need::Project(Resource::NotificationPolicy, Action::Read), WEBHOOKS),
    Route::new(Verb::Put, "/projects/{project_name_or_id}/webhook/policies/{webhook_policy_id}", "UpdateWebhookPolicyOfProject", "webhook")
        .about("Change a webhook")
        .not_yet(Need::Project(Resource::NotificationPolicy, Action::Update), WEBHOOKS),
    Route::new(Verb::Delete, "/projects/{project_name_or_id}/webhook/policies/{webhook_policy_id}", "DeleteWebhookPolicyOfProject", "webhook")
        .about("Remove a webhook")
        .not_yet(Need::Project(Resource::NotificationPolicy, Action::Delete), WEBHOOKS),
    Route::new(Verb::Get, "/projects/{project_name_or_id}/webhook/policies/{webhook_policy_id}/executions", "ListExecutionsOfWebhookPolicy", "webhook")
        .about("What a webhook sent")
        .not_yet(Need::Project(Resource::NotificationPolicy, Action::Read), WEBHOOKS),
    Route::new(Verb::Get, "/projects/{project_name_or_id}/webhook/policies/{webhook_policy_id}/executions/{execution_id}/tasks", "ListTasksOfWebhookExecution", "webhook")
        .about("The attempts of a webhook")
        .not_yet(Need::Project(Resource::NotificationPolicy, Action::Read), WEBHOOKS),
    Route::new(Verb::Get, "/projects/{project_name_or_id}/webhook/policies/{webhook_policy_id}/executions/{execution_id}/tasks/{task_id}/log", "GetLogsOfWebhookTask", "webhook")
        .about("The log of an attempt")
        .not_yet(Need::Project(Resource::NotificationPolicy, Action::Read), WEBHOOKS),
    Route::new(Verb::Get, "/projects/{project_name_or_id}/webhook/lasttrigger", "LastTrigger", "webhook")
        .about("When webhooks were last sent: never")
        .empty(Need::Project(Resource::NotificationPolicy, Action::List)),
    Route::new(Verb::Get, "/projects/{project_name_or_id}/webhook/jobs", "ListWebhookJobs", "webhookjob")
        .about("What webhooks sent: nothing")
        .empty(Need::Project(Resource::NotificationPolicy, Action::List)),
    Route::new(Verb::Get, "/projects/{project_name_or_id}/webhook/events", "GetSupportedEventTypes", "webhook")
        .about("What webhooks can tell")
        .not_yet(Need::Project(Resource::NotificationPolicy, Action::Read), WEBHOOKS),
    Route::new(Verb::Get, "/p2p/preheat/providers", "ListProviders", "preheat")
        .about("The kinds of preheating providers")
        .not_yet(Need::System(Resource::PreheatInstance, Action::List), PREHEATING),
    Route::new(Verb::Post, "/p2p/preheat/instances/ping", "PingInstances", "preheat")
        .about("Whether a provider answers")
        .not_yet(Need::System(Resource::PreheatInstance, Action::Read), PREHEATING),
    Route::new(Verb::Get, "/p2p/preheat/instances", "ListInstances", "preheat")
        .about("The preheating providers")
        .not_yet(Need::System(Resource::PreheatInstance, Action::List), PREHEATING),
    Route::new(Verb::Post, "/p2p/preheat/instances", "CreateInstance", "preheat")
        .about("Register a provider")
        .not_yet(Need::System(Resource::PreheatInstance, Action::Create), PREHEATING),
    Route::new(Verb::Get, "/p2p/preheat/instances/{preheat_instance_name}", "GetInstance", "preheat")
        .about("A provider")
        .not_yet(Need::System(Resource::PreheatInstance, Action::Read), PREHEATING),
    Route::new(Verb::Delete, "/p2p/preheat/instances/{preheat_instance_name}", "DeleteInstance", "preheat")
        .about("Remove a provider")
        .not_yet(Need::System(Resource::PreheatInstance, Action::Delete), PREHEATING),
    Route::new(Verb::Put, "/p2p/preheat/instances/{preheat_instance_name}", "UpdateInstance", "preheat")
        .about("Change a provider")
        .not_yet(Need::System(Resource::PreheatInstance, Action::Update), PREHEATING),
    Route::new(Verb::Post, "/projects/{project_name}/preheat/policies", "CreatePolicy", "preheat")
        .about("Make a policy of preheating")
        .not_yet(Need::Project(Resource::PreheatPolicy, Action::Create), PREHEATING),
    Route::new(Verb::Get, "/projects/{project_name}/preheat/policies", "ListPolicies", "preheat")
        .about("The policies of preheating")
        .not_yet(Need::Project(Resource::PreheatPolicy, Action::List), PREHEATING),
    Route::new(Verb::Get, "/projects/{project_name}/preheat/policies/{preheat_policy_name}", "GetPolicy", "preheat")
        .about("A policy of preheating")
        .not_yet(Need::Project(Resource::PreheatPolicy, Action::Read), PREHEATING),
    Route::new(Verb::Put, "/projects/{project_name}/preheat/policies/{preheat_policy_name}", "UpdatePolicy", "preheat")
        .about("Change a policy of preheating")
        .not_yet(Need::Project(Resource::PreheatPolicy, Action::Update), PREHEATING),
    Route::new(Verb::Post, "/projects/{project_name}/preheat/policies/{preheat_policy_name}", "ManualPreheat", "preheat")
        .about("Run a policy of preheating")
        .not_yet(Need::Project(Resource::PreheatPolicy, Action::Update), PREHEATING),
    Route::new(Verb::Delete, "/projects/{project_name}/preheat/policies/{preheat_policy_name}", "DeletePolicy", "preheat")
        .about("Remove a policy of preheating")
        .not_yet(Need::Project(Resource::PreheatPolicy, Action::Delete), PREHEATING),
    Route::new(Verb::Get, "/projects/{project_name}/preheat/policies/{preheat_policy_name}/executions", "ListExecutions", "preheat")
        .about("The runs of a policy of preheating")
        .not_yet(Need::Project(Resource::PreheatPolicy, Action::Read), PREHEATING),
    Route::new(Verb::Get, "/projects/{project_name}/preheat/policies/{preheat_policy_name}/executions/{execution_id}", "GetExecution", "preheat")
        .about("A run")
        .not_yet(Need::Project(Resource::PreheatPolicy, Action::Read), PREHEATING),
    Route::new(Verb::Patch, "/projects/{project_name}/preheat/policies/{preheat_policy_name}/executions/{execution_id}", "StopExecution", "preheat")
        .about("Stop a run")
        .not_yet(Need::Project(Resource::PreheatPolicy, Action::Update), PREHEATING),
    Route::new(Verb::Get, "/projects/{project_name}/preheat/policies/{preheat_policy_name}/executions/{execution_id}/tasks", "ListTasks", "preheat")
        .about("The parts of a run")
        .not_yet(Need::Project(Resource::PreheatPolicy, Action::Read), PREHEATING),
    Route::new(Verb::Get, "/projects/{project_name}/preheat/policies/{preheat_policy_name}/executions/{execution_id}/tasks/{task_id}/logs", "GetPreheatLog", "preheat")
        .about("The log of a part")
        .not_yet(Need::Project(Resource::PreheatPolicy, Action::Read), PREHEATING),
    Route::new(Verb::Get, "/projects/{project_name}/preheat/providers", "ListProvidersUnderProject", "preheat")
        .about("The providers that a project can use")
        .not_yet(Need::Project(Resource::PreheatPolicy, Action::List), PREHEATING),
];
