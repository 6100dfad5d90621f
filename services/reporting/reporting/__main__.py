from kit.process import main
from reporting.app import service

if __name__ == "__main__":
    main(service)
