"""What the tests share: a storage account, the application in this process, faults on demand."""
