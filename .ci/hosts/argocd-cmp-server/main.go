// Command argocd-cmp-server is Argo CD's server for config management plugins, built without the rest of the argocd
// executable, which would take the whole of Argo CD to build. With the word ask it is a client of such a server.
package main

import (
	"os"

	"github.com/argoproj/argo-cd/v3/cmd/argocd-cmp-server/commands"
)

func main() {
	server := commands.NewCommand()
	server.AddCommand(newAskCommand())
	if err := server.Execute(); err != nil {
		os.Exit(1)
	}
}
