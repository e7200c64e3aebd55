//! What scanners say about artifacts.

use berth_projects::{Action, Resource};

use crate::route::{Need, Route, Verb};

const SCANNING: &str = "scanning";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Get, "/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/additions/vulnerabilities", "getVulnerabilitiesAddition", "artifact")
        .about("The vulnerabilities of an artifact")
        .not_yet(Need::Project(Resource::ArtifactAddition, Action::Read), SCANNING),
    Route::new(Verb::Get, "/icons/{digest}", "getIcon", "icon")
        .about("The icon of an artifact")
        .none(Need::Anyone, "an icon"),
    Route::new(Verb::Post, "/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/scan", "scanArtifact", "scan")
        .about("Scan an artifact")
        .not_yet(Need::Project(Resource::Scan, Action::Create), SCANNING),
    Route::new(Verb::Post, "/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/scan/stop", "stopScanArtifact", "scan")
        .about("Stop a scan")
        .not_yet(Need::Project(Resource::Scan, Action::Stop), SCANNING),
    Route::new(Verb::Get, "/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/scan/{report_id}/log", "getReportLog", "scan")
        .about("The log of a scan")
        .not_yet(Need::Project(Resource::Scan, Action::Read), SCANNING),
    Route::new(Verb::Get, "/projects/{project_name_or_id}/scanner", "getScannerOfProject", "project")
        .about("The scanner of a project")
        .not_yet(Need::Project(Resource::Scanner, Action::Read), SCANNING),
    Route::new(Verb::Put, "/projects/{project_name_or_id}/scanner", "setScannerOfProject", "project")
        .about("Choose the scanner of a project")
        .not_yet(Need::Project(Resource::Scanner, Action::Create), SCANNING),
    Route::new(Verb::Get, "/projects/{project_name_or_id}/scanner/candidates", "listScannerCandidatesOfProject", "project")
        .about("The scanners that a project can choose")
        .not_yet(Need::Project(Resource::Scanner, Action::Create), SCANNING),
    Route::new(Verb::Get, "/scans/all/metrics", "getLatestScanAllMetrics", "scanAll")
        .about("How the last scan of everything went")
        .not_yet(Need::System(Resource::ScanAll, Action::Read), SCANNING),
    Route::new(Verb::Get, "/scans/schedule/metrics", "getLatestScheduledScanAllMetrics", "scanAll")
        .about("How the last scheduled scan went")
        .not_yet(Need::System(Resource::ScanAll, Action::Read), SCANNING),
    Route::new(Verb::Get, "/system/scanAll/schedule", "getScanAllSchedule", "scanAll")
        .about("When everything is scanned: never")
        .unset(Need::System(Resource::ScanAll, Action::Read)),
    Route::new(Verb::Put, "/system/scanAll/schedule", "updateScanAllSchedule", "scanAll")
        .about("Change when everything is scanned")
        .not_yet(Need::System(Resource::ScanAll, Action::Update), SCANNING),
    Route::new(Verb::Post, "/system/scanAll/schedule", "createScanAllSchedule", "scanAll")
        .about("Say when everything is scanned")
        .not_yet(Need::System(Resource::ScanAll, Action::Create), SCANNING),
    Route::new(Verb::Post, "/system/scanAll/stop", "stopScanAll", "scanAll")
        .about("Stop the scan of everything")
        .not_yet(Need::System(Resource::ScanAll, Action::Stop), SCANNING),
    Route::new(Verb::Get, "/scanners", "listScanners", "scanner")
        .about("The scanners")
        .not_yet(Need::System(Resource::Scanner, Action::List), SCANNING),
    Route::new(Verb::Post, "/scanners", "createScanner", "scanner")
        .about("Register a scanner")
        .not_yet(Need::System(Resource::Scanner, Action::Create), SCANNING),
    Route::new(Verb::Post, "/scanners/ping", "pingScanner", "scanner")
        .about("Whether a scanner answers")
        .not_yet(Need::System(Resource::Scanner, Action::Read), SCANNING),
    Route::new(Verb::Get, "/scanners/{registration_id}", "getScanner", "scanner")
        .about("A scanner")
        .not_yet(Need::System(Resource::Scanner, Action::Read), SCANNING),
    Route::new(Verb::Put, "/scanners/{registration_id}", "updateScanner", "scanner")
        .about("Change a scanner")
        .not_yet(Need::System(Resource::Scanner, Action::Update), SCANNING),
    Route::new(Verb::Delete, "/scanners/{registration_id}", "deleteScanner", "scanner")
        .about("Remove a scanner")
        .not_yet(Need::System(Resource::Scanner, Action::Delete), SCANNING),
    Route::new(Verb::Patch, "/scanners/{registration_id}", "setScannerAsDefault", "scanner")
        .about("Choose the scanner of everybody")
        .not_yet(Need::System(Resource::Scanner, Action::Update), SCANNING),
    Route::new(Verb::Get, "/scanners/{registration_id}/metadata", "getScannerMetadata", "scanner")
        .about("What a scanner can do")
        .not_yet(Need::System(Resource::Scanner, Action::Read), SCANNING),
    Route::new(Verb::Get, "/system/CVEAllowlist", "getSystemCVEAllowlist", "SystemCVEAllowlist")
        .about("The CVEs that do not count")
        .not_yet(Need::SignedIn, SCANNING),
    Route::new(Verb::Put, "/system/CVEAllowlist", "putSystemCVEAllowlist", "SystemCVEAllowlist")
        .about("Change the CVEs that do not count")
        .not_yet(Need::System(Resource::Configuration, Action::Update), SCANNING),
    Route::new(Verb::Post, "/export/cve", "exportScanData", "scan data export")
        .about("Export vulnerabilities")
        .not_yet(Need::SignedIn, SCANNING),
    Route::new(Verb::Get, "/export/cve/execution/{execution_id}", "getScanDataExportExecution", "scan data export")
        .about("An export")
        .not_yet(Need::SignedIn, SCANNING),
    Route::new(Verb::Get, "/export/cve/executions", "getScanDataExportExecutionList", "scan data export")
        .about("One's own exports")
        .not_yet(Need::SignedIn, SCANNING),
    Route::new(Verb::Get, "/export/cve/download/{execution_id}", "downloadScanData", "scan data export")
        .about("An exported file")
        .not_yet(Need::SignedIn, SCANNING),
    Route::new(Verb::Get, "/security/summary", "getSecuritySummary", "securityhub")
        .about("The vulnerabilities of everything, counted")
        .not_yet(Need::System(Resource::SecurityHub, Action::Read), SCANNING),
    Route::new(Verb::Get, "/security/vul", "ListVulnerabilities", "securityhub")
        .about("The vulnerabilities of everything")
        .not_yet(Need::System(Resource::SecurityHub, Action::List), SCANNING),
];
