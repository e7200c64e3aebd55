package main

import (
	"strconv"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/project"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/project_metadata"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

const walked = "walk"

func (at registry) makesProjects() int64 {
	wanted := &models.ProjectReq{ProjectName: walked, Metadata: &models.ProjectMetadata{Public: "false"}}
	made, err := at.admin.Project.CreateProject(ctx, &project.CreateProjectParams{Project: wanted})
	must("create a project", err)
	_, err = at.admin.Project.CreateProject(ctx, &project.CreateProjectParams{Project: wanted})
	refused("the same project", err, 409)
	_, err = at.admin.Project.HeadProject(ctx, &project.HeadProjectParams{ProjectName: walked})
	must("head a project", err)

	id := numberIn(made.Location)
	for _, reference := range []string{walked, strconv.FormatInt(id, 10)} {
		found := at.project(reference)
		same("project", []any{found.Name, int64(found.ProjectID)}, []any{walked, id})
	}
	// A name that is a number is a name where that is said.
	_, err = at.admin.Project.GetProject(ctx, &project.GetProjectParams{
		ProjectNameOrID: strconv.FormatInt(id, 10), XIsResourceName: pointer(true),
	})
	refused("a number for a name", err, 404)

	changed := &models.ProjectReq{Metadata: &models.ProjectMetadata{Public: "true", AutoScan: pointer("true")}}
	_, err = at.admin.Project.UpdateProject(ctx, &project.UpdateProjectParams{ProjectNameOrID: walked, Project: changed})
	must("update a project", err)
	metadata := at.project(walked).Metadata
	same("changed metadata", []string{metadata.Public, *metadata.AutoScan}, []string{"true", "true"})

	listed, err := at.admin.Project.ListProjects(ctx, &project.ListProjectsParams{
		Name: pointer(walked), Page: pointer(int64(1)), PageSize: pointer(int64(10)),
	})
	must("list projects", err)
	same("how many", []int64{int64(len(listed.Payload)), listed.XTotalCount}, []int64{1, 1})
	summary, err := at.admin.Project.GetProjectSummary(ctx, &project.GetProjectSummaryParams{ProjectNameOrID: walked})
	must("summary", err)
	same("repositories", summary.Payload.RepoCount, int64(0))
	return id
}

func (at registry) project(reference string) *models.Project {
	found, err := at.admin.Project.GetProject(ctx, &project.GetProjectParams{ProjectNameOrID: reference})
	must("get a project", err)
	return found.Payload
}

func (at registry) keepsMetadata() {
	metadata := at.admin.ProjectMetadata
	get := func(name string) (map[string]string, error) {
		found, err := metadata.GetProjectMetadata(ctx, &project_metadata.GetProjectMetadataParams{
			ProjectNameOrID: walked, MetaName: name,
		})
		if err != nil {
			return nil, err
		}
		return found.Payload, nil
	}
	_, err := metadata.AddProjectMetadatas(ctx, &project_metadata.AddProjectMetadatasParams{
		ProjectNameOrID: walked, Metadata: map[string]string{"prevent_vul": "true"},
	})
	must("add metadata", err)
	_, err = metadata.UpdateProjectMetadata(ctx, &project_metadata.UpdateProjectMetadataParams{
		ProjectNameOrID: walked, MetaName: "prevent_vul", Metadata: map[string]string{"prevent_vul": "false"},
	})
	must("update metadata", err)
	found, err := get("prevent_vul")
	must("get metadata", err)
	same("metadata", found, map[string]string{"prevent_vul": "false"})
	all, err := metadata.ListProjectMetadatas(ctx, &project_metadata.ListProjectMetadatasParams{ProjectNameOrID: walked})
	must("list metadata", err)
	same("all metadata", all.Payload["public"], "true")
	_, err = metadata.DeleteProjectMetadata(ctx, &project_metadata.DeleteProjectMetadataParams{
		ProjectNameOrID: walked, MetaName: "prevent_vul",
	})
	must("delete metadata", err)
	_, err = get("prevent_vul")
	refused("metadata that is gone", err, 404)
}

func (at registry) removesProjects() {
	deletable, err := at.admin.Project.GetProjectDeletable(ctx, &project.GetProjectDeletableParams{ProjectNameOrID: walked})
	must("deletable", err)
	same("deletable", deletable.Payload.Deletable, true)
	_, err = at.admin.Project.DeleteProject(ctx, &project.DeleteProjectParams{ProjectNameOrID: walked})
	must("delete a project", err)
	_, err = at.admin.Project.GetProject(ctx, &project.GetProjectParams{ProjectNameOrID: walked})
	refused("a project that is gone", err, 404)
}
