// Harbor's own Go client, as its command line and other Go programs use it: makes, reads, changes and removes whatever an
// administrator keeps.
//
// Usage: goclient URL, with the administrator's password on standard input. Exits with 1 and says what differs.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-openapi/runtime"
	"github.com/goharbor/go-client/pkg/harbor"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client"
)

const password = "Password1"

// One program, one life: nothing here is cancelled.
var ctx = context.Background()

// registry is where to find it, and who may do everything there.
type registry struct {
	url   string
	admin *client.HarborAPI
}

func main() {
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	must("read the password", err)
	at := registry{url: os.Args[1]}
	at.admin = at.as("admin", strings.TrimSpace(line))
	projectID := at.makesProjects()
	at.keepsMetadata()
	at.keepsUsersAndMembers()
	at.keepsGroups()
	at.keepsRobots(projectID)
	at.keepsLabels(projectID)
	at.tellsAboutItself()
	at.keepsConfiguration()
	at.removesProjects()
	fmt.Println("walked")
}

// as signs in as somebody else.
func (at registry) as(name, secret string) *client.HarborAPI {
	set, err := harbor.NewClientSet(&harbor.ClientSetConfig{URL: at.url, Username: name, Password: secret})
	must("make a client", err)
	return set.V2()
}

func must(what string, err error) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func same(what string, found, expected any) {
	if !reflect.DeepEqual(found, expected) {
		fail("%s: %v, expected %v", what, found, expected)
	}
}

// refused holds if the error is an answer with this status.
func refused(what string, err error, status int) {
	if err == nil {
		fail("%s was not refused", what)
	}
	var other *runtime.APIError
	if errors.As(err, &other) {
		same(what, other.Code, status)
		return
	}
	answer, ok := err.(interface{ IsCode(int) bool })
	// Of older clients only the text has the status.
	if ok && !answer.IsCode(status) || !ok && !strings.Contains(err.Error(), "["+strconv.Itoa(status)+"]") {
		fail("%s: %v, expected %d", what, err, status)
	}
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}

// numberIn is the number that a Location header ends in: the Terraform provider keeps it as the name of what it made.
func numberIn(location string) int64 {
	number, err := strconv.ParseInt(location[strings.LastIndex(location, "/")+1:], 10, 64)
	must("a number in "+location, err)
	return number
}

func pointer[T any](value T) *T { return &value }
