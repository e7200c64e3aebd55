package main

import (
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/auditlog"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/configure"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/health"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/label"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/permissions"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/ping"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/quota"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/search"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/statistic"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/systeminfo"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

func (at registry) keepsLabels(projectID int64) {
	for _, wanted := range []*models.Label{
		{Name: "stable", Color: "#00AB9A", Scope: "g"},
		{Name: "mine", Color: "#343DAC", Scope: "p", ProjectID: projectID},
	} {
		made, err := at.admin.Label.CreateLabel(ctx, &label.CreateLabelParams{Label: wanted})
		must("create a label", err)
		_, err = at.admin.Label.CreateLabel(ctx, &label.CreateLabelParams{Label: wanted})
		refused("the same label", err, 409)
		id := numberIn(made.Location)
		found, err := at.admin.Label.GetLabelByID(ctx, &label.GetLabelByIDParams{LabelID: id})
		must("get a label", err)
		same("label", []any{found.Payload.Name, found.Payload.Color}, []any{wanted.Name, wanted.Color})
		found.Payload.Description = "changed"
		_, err = at.admin.Label.UpdateLabel(ctx, &label.UpdateLabelParams{LabelID: id, Label: found.Payload})
		must("update a label", err)

		query := &label.ListLabelsParams{Scope: &wanted.Scope}
		if wanted.Scope == "p" {
			query.ProjectID = &projectID
		}
		listed, err := at.admin.Label.ListLabels(ctx, query)
		must("list labels", err)
		same("labels", []any{len(listed.Payload), listed.Payload[0].Description}, []any{1, "changed"})
		_, err = at.admin.Label.DeleteLabel(ctx, &label.DeleteLabelParams{LabelID: id})
		must("delete a label", err)
		_, err = at.admin.Label.GetLabelByID(ctx, &label.GetLabelByIDParams{LabelID: id})
		refused("a label that is gone", err, 404)
	}
}

func (at registry) tellsAboutItself() {
	pong, err := at.admin.Ping.GetPing(ctx, &ping.GetPingParams{})
	must("ping", err)
	same("ping", pong.Payload, "Pong")
	healthy, err := at.admin.Health.GetHealth(ctx, &health.GetHealthParams{})
	must("health", err)
	same("health", healthy.Payload.Status, "healthy")
	system, err := at.admin.Systeminfo.GetSystemInfo(ctx, &systeminfo.GetSystemInfoParams{})
	must("system info", err)
	same("mode", *system.Payload.AuthMode, "db_auth")
	counted, err := at.admin.Statistic.GetStatistic(ctx, &statistic.GetStatisticParams{})
	must("statistics", err)
	same("projects", counted.Payload.TotalProjectCount, int64(1))
	found, err := at.admin.Search.Search(ctx, &search.SearchParams{Q: walked})
	must("search", err)
	same("found", []any{len(found.Payload.Project), found.Payload.Project[0].Name}, []any{1, walked})
	catalogue, err := at.admin.Permissions.GetPermissions(ctx, &permissions.GetPermissionsParams{})
	must("permissions", err)
	same("a catalogue", len(catalogue.Payload.System) > 30 && len(catalogue.Payload.Project) > 30, true)
	quotas, err := at.admin.Quota.ListQuotas(ctx, &quota.ListQuotasParams{})
	must("quotas", err)
	same("quotas", len(quotas.Payload), 1)
	events, err := at.admin.Auditlog.ListAuditLogExts(ctx, &auditlog.ListAuditLogExtsParams{PageSize: pointer(int64(5))})
	must("audit log", err)
	same("events of a page", len(events.Payload), 5)
}

func (at registry) keepsConfiguration() {
	set := func(wanted *models.Configurations) {
		_, err := at.admin.Configure.UpdateConfigurations(ctx, &configure.UpdateConfigurationsParams{Configurations: wanted})
		must("configure", err)
	}
	duration := func() int64 {
		found, err := at.admin.Configure.GetConfigurations(ctx, &configure.GetConfigurationsParams{})
		must("configuration", err)
		return found.Payload.RobotTokenDuration.Value
	}
	before := duration()
	set(&models.Configurations{RobotTokenDuration: pointer(int64(7)), ProjectCreationRestriction: pointer("adminonly")})
	same("changed", duration(), int64(7))
	set(&models.Configurations{RobotTokenDuration: &before, ProjectCreationRestriction: pointer("everyone")})
	same("changed back", duration(), before)
}
