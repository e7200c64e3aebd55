package main

import (
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/member"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/user"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/usergroup"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

// The numbers of roles.
const (
	developer  = 2
	maintainer = 4
)

func (at registry) keepsUsersAndMembers() {
	wanted := &models.UserCreationReq{
		Username: "dev", Email: "dev@example.org", Realname: "Dev", Comment: "by hand", Password: password,
	}
	made, err := at.admin.User.CreateUser(ctx, &user.CreateUserParams{UserReq: wanted})
	must("create a user", err)
	_, err = at.admin.User.CreateUser(ctx, &user.CreateUserParams{UserReq: wanted})
	refused("the same user", err, 409)
	id := numberIn(made.Location)
	found, err := at.admin.User.GetUser(ctx, &user.GetUserParams{UserID: id})
	must("get a user", err)
	same("user", []string{found.Payload.Username, found.Payload.Realname}, []string{"dev", "Dev"})
	_, err = at.admin.User.UpdateUserProfile(ctx, &user.UpdateUserProfileParams{
		UserID: id, Profile: &models.UserProfile{Email: "dev@example.org", Realname: "Developer"},
	})
	must("update a profile", err)
	searched, err := at.admin.User.SearchUsers(ctx, &user.SearchUsersParams{Username: "dev"})
	must("search users", err)
	same("searched", searched.Payload[0].UserID, id)

	at.keepsMembers(id)

	_, err = at.admin.User.UpdateUserPassword(ctx, &user.UpdateUserPasswordParams{
		UserID: id, Password: &models.PasswordReq{NewPassword: "Another1pw"},
	})
	must("set a password", err)
	_, err = at.as("dev", password).User.GetCurrentUserInfo(ctx, &user.GetCurrentUserInfoParams{})
	refused("the old password", err, 401)
	_, err = at.admin.User.SetUserSysAdmin(ctx, &user.SetUserSysAdminParams{
		UserID: id, SysadminFlag: &models.UserSysAdminFlag{SysadminFlag: true},
	})
	must("make an administrator", err)
	current, err := at.as("dev", "Another1pw").User.GetCurrentUserInfo(ctx, &user.GetCurrentUserInfoParams{})
	must("who am I", err)
	same("who", []any{current.Payload.Realname, current.Payload.SysadminFlag}, []any{"Developer", true})
	_, err = at.admin.User.DeleteUser(ctx, &user.DeleteUserParams{UserID: id})
	must("delete a user", err)
	_, err = at.admin.User.GetUser(ctx, &user.GetUserParams{UserID: id})
	refused("a user who is gone", err, 404)
}

func (at registry) keepsMembers(userID int64) {
	made, err := at.admin.Member.CreateProjectMember(ctx, &member.CreateProjectMemberParams{
		ProjectNameOrID: walked,
		ProjectMember:   &models.ProjectMember{RoleID: developer, MemberUser: &models.UserEntity{UserID: userID}},
	})
	must("add a member", err)
	id := numberIn(made.Location)
	at.hasRole(id, developer)
	// A developer may not change the project.
	_, err = at.as("dev", password).Member.DeleteProjectMember(ctx, &member.DeleteProjectMemberParams{
		ProjectNameOrID: walked, Mid: id,
	})
	refused("a developer removes a member", err, 403)
	_, err = at.admin.Member.UpdateProjectMember(ctx, &member.UpdateProjectMemberParams{
		ProjectNameOrID: walked, Mid: id, Role: &models.RoleRequest{RoleID: maintainer},
	})
	must("change a role", err)
	at.hasRole(id, maintainer)
	listed, err := at.admin.Member.ListProjectMembers(ctx, &member.ListProjectMembersParams{
		ProjectNameOrID: walked, Entityname: pointer("dev"),
	})
	must("list members", err)
	same("listed", []any{len(listed.Payload), listed.Payload[0].EntityID}, []any{1, userID})
	_, err = at.admin.Member.DeleteProjectMember(ctx, &member.DeleteProjectMemberParams{ProjectNameOrID: walked, Mid: id})
	must("remove a member", err)
	_, err = at.admin.Member.GetProjectMember(ctx, &member.GetProjectMemberParams{ProjectNameOrID: walked, Mid: id})
	refused("a member who is gone", err, 404)
}

func (at registry) hasRole(memberID, role int64) {
	found, err := at.admin.Member.GetProjectMember(ctx, &member.GetProjectMemberParams{
		ProjectNameOrID: walked, Mid: memberID,
	})
	must("get a member", err)
	same("role", []any{found.Payload.EntityName, found.Payload.RoleID}, []any{"dev", role})
}

func (at registry) keepsGroups() {
	// 3 is a group that an OIDC provider names.
	made, err := at.admin.Usergroup.CreateUserGroup(ctx, &usergroup.CreateUserGroupParams{
		Usergroup: &models.UserGroup{GroupName: "builders", GroupType: 3},
	})
	must("create a group", err)
	id := numberIn(made.Location)
	added, err := at.admin.Member.CreateProjectMember(ctx, &member.CreateProjectMemberParams{
		ProjectNameOrID: walked,
		ProjectMember:   &models.ProjectMember{RoleID: developer, MemberGroup: &models.UserGroup{ID: id}},
	})
	must("add a group", err)
	_, err = at.admin.Member.DeleteProjectMember(ctx, &member.DeleteProjectMemberParams{
		ProjectNameOrID: walked, Mid: numberIn(added.Location),
	})
	must("remove a group", err)
	_, err = at.admin.Usergroup.UpdateUserGroup(ctx, &usergroup.UpdateUserGroupParams{
		GroupID: id, Usergroup: &models.UserGroup{GroupName: "makers"},
	})
	must("rename a group", err)
	found, err := at.admin.Usergroup.GetUserGroup(ctx, &usergroup.GetUserGroupParams{GroupID: id})
	must("get a group", err)
	same("group", []any{found.Payload.GroupName, found.Payload.GroupType}, []any{"makers", int64(3)})
	listed, err := at.admin.Usergroup.ListUserGroups(ctx, &usergroup.ListUserGroupsParams{})
	must("list groups", err)
	same("groups", len(listed.Payload), 1)
	_, err = at.admin.Usergroup.DeleteUserGroup(ctx, &usergroup.DeleteUserGroupParams{GroupID: id})
	must("delete a group", err)
	_, err = at.admin.Usergroup.GetUserGroup(ctx, &usergroup.GetUserGroupParams{GroupID: id})
	refused("a group that is gone", err, 404)
}
