package main

import (
	"fmt"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/project"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/robot"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

func (at registry) keepsRobots(projectID int64) {
	permission := &models.RobotPermission{
		Kind: "project", Namespace: walked,
		Access: []*models.Access{{Resource: "repository", Action: "pull"}, {Resource: "project", Action: "read"}},
	}
	for level, name := range map[string]string{"system": "robot$ci", "project": "robot$walk+ci"} {
		made, err := at.admin.Robot.CreateRobot(ctx, &robot.CreateRobotParams{Robot: &models.RobotCreate{
			Name: "ci", Level: level, Duration: 30, Permissions: []*models.RobotPermission{permission},
		}})
		must("create a robot", err)
		same("name", made.Payload.Name, name)
		id := made.Payload.ID
		same("Location", numberIn(made.Location), id)
		at.changesRobot(id, level)
		at.signsInAs(id, name, made.Payload.Secret)

		query := "Level=system"
		if level == "project" {
			query = fmt.Sprintf("Level=project,ProjectID=%d", projectID)
		}
		listed, err := at.admin.Robot.ListRobot(ctx, &robot.ListRobotParams{Q: &query})
		must("list robots", err)
		same("robots", []any{len(listed.Payload), listed.Payload[0].ID}, []any{1, id})
		_, err = at.admin.Robot.DeleteRobot(ctx, &robot.DeleteRobotParams{RobotID: id})
		must("delete a robot", err)
		_, err = at.admin.Robot.GetRobotByID(ctx, &robot.GetRobotByIDParams{RobotID: id})
		refused("a robot that is gone", err, 404)
	}
}

func (at registry) robot(id int64) *models.Robot {
	found, err := at.admin.Robot.GetRobotByID(ctx, &robot.GetRobotByIDParams{RobotID: id})
	must("get a robot", err)
	return found.Payload
}

// changesRobot sends back what it was told, with one thing changed.
func (at registry) changesRobot(id int64, level string) {
	found := at.robot(id)
	same("no secret", found.Secret, "")
	same("level and life", []any{found.Level, *found.Duration}, []any{level, int64(30)})
	found.Description = "changed"
	_, err := at.admin.Robot.UpdateRobot(ctx, &robot.UpdateRobotParams{RobotID: id, Robot: found})
	must("update a robot", err)
	changed := at.robot(id)
	same("changed", []any{changed.Description, changed.Disable}, []any{"changed", false})
	same("permissions", len(changed.Permissions[0].Access), 2)
}

// signsInAs reads the project as the robot, until its secret is replaced.
func (at registry) signsInAs(id int64, name, secret string) {
	read := func(secret string) error {
		_, err := at.as(name, secret).Project.GetProject(ctx, &project.GetProjectParams{ProjectNameOrID: walked})
		return err
	}
	must("a robot reads its project", read(secret))
	given, err := at.admin.Robot.RefreshSec(ctx, &robot.RefreshSecParams{RobotID: id, RobotSec: &models.RobotSec{}})
	must("a new secret", err)
	must("the new secret", read(given.Payload.Secret))
	chosen := "Chosen1secret"
	_, err = at.admin.Robot.RefreshSec(ctx, &robot.RefreshSecParams{RobotID: id, RobotSec: &models.RobotSec{Secret: chosen}})
	must("a chosen secret", err)
	must("the chosen secret", read(chosen))
	refused("no secret of its", read("Nobodys1secret"), 401)
}
