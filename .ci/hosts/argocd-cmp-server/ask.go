package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/golang/protobuf/ptypes/empty"
	"github.com/spf13/cobra"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
)

// patience is the time that a repo server gives a plugin by default.
const patience = time.Minute

func newAskCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "ask SOCKET check|match|parameters|generate [REPOSITORY APPLICATION [NAME=VALUE…]]",
		Short: "Ask a server what Argo CD's repo server asks it, and print the answer as JSON",
		Long: `ask sends the folder REPOSITORY to the server that listens on SOCKET, as Argo CD's
repo server does, and asks about APPLICATION, a folder below it. The variables
are those that the repo server makes of the Application.`,
		Args:          cobra.MinimumNArgs(2),
		SilenceUsage:  true,
		SilenceErrors: false,
		RunE: func(cmd *cobra.Command, args []string) error {
			answer, err := ask(cmd.Context(), args[0], args[1], args[2:])
			if err != nil {
				return err
			}
			return json.NewEncoder(cmd.OutOrStdout()).Encode(answer)
		},
	}
}

func ask(ctx context.Context, socket, question string, args []string) (any, error) {
	closer, client, err := apiclient.NewConfigManagementPluginClientSet(socket).NewConfigManagementPluginClient()
	if err != nil {
		return nil, err
	}
	defer func() { _ = closer.Close() }()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if question == "check" {
		return client.CheckPluginConfiguration(ctx, &empty.Empty{})
	}
	if len(args) < 2 {
		return nil, fmt.Errorf("%s needs the folder of a repository and that of an application", question)
	}
	send := func(to cmp.StreamSender) error {
		return cmp.SendRepoStream(ctx, args[1], args[0], to, args[2:], nil)
	}
	switch question {
	case "match":
		stream, err := client.MatchRepository(ctx)
		if err != nil {
			return nil, err
		}
		if err := send(stream); err != nil {
			return nil, err
		}
		return stream.CloseAndRecv()
	case "parameters":
		stream, err := client.GetParametersAnnouncement(ctx)
		if err != nil {
			return nil, err
		}
		if err := send(stream); err != nil {
			return nil, err
		}
		return stream.CloseAndRecv()
	case "generate":
		stream, err := client.GenerateManifest(ctx)
		if err != nil {
			return nil, err
		}
		if err := send(stream); err != nil {
			return nil, err
		}
		return stream.CloseAndRecv()
	default:
		return nil, fmt.Errorf("unknown question %q: ask check, match, parameters or generate", question)
	}
}
